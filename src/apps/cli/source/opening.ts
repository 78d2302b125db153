// How a command opens a source: by its content, with what the command line says of its form.
import {
  delimiters,
  encodings,
  kindOfFile,
  openDatabase,
  openText,
  openWorkbook,
  wordsOf,
} from '#adapters/sources'
import type { Delimiter, Encoding, Failure, Source, TrialOptions } from '#adapters/sources'
import { systemKindOf } from '#adapters/registers'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, systemSaid, text } from '#apps/cli/output'
import { downloaded } from './download.ts'
import { openSystem, secret } from './system.ts'
import { remedyOf } from './remedies.ts'

/** Opens a file by what it truly is, here or at a web address, or a system by its address. */
export async function opened(path: string, options: TrialOptions): Promise<Source> {
  const system = systemKindOf(path)
  // A database file is the same under both writings, and whoever made it may mean harm.
  if (system === 'sqlite') return openDatabase(path.slice('sqlite:'.length), options)
  const file = system === 'http' ? await downloaded(path, secret()) : path
  if (system !== null && (system !== 'http' || file === null)) {
    return openSystem(path, system, options)
  }
  return openFile(file ?? path, options)
}

async function openFile(path: string, options: TrialOptions): Promise<Source> {
  const kind = await kindOfFile(path)
  if (kind === 'xlsx') return openWorkbook(path, options)
  return kind === 'sqlite' ? openDatabase(path, options) : openText(path, options)
}

/** Opens a file or system by what it truly is, with nothing said of its form. */
export function openSource(path: string): Promise<Source> {
  return opened(path, {})
}

/** What the command line says of a file's form. */
export function formOptions(ask: Ask): TrialOptions {
  const encoding = encodings.find((each) => each === ask.values['encoding'])
  const given = ask.values['delimiter'] === 'tab' ? '\t' : ask.values['delimiter']
  const delimiter = delimiters.find((each) => each === given)
  if (ask.values['encoding'] !== undefined && encoding === undefined)
    throw badValue('--encoding', encodings)
  if (given !== undefined && delimiter === undefined)
    throw badValue('--delimiter', [',', 'tab', ';', '|'])
  return {
    ...chosen(encoding, delimiter),
    ...(ask.values['sheet'] === undefined ? {} : { sheet: ask.values['sheet'] }),
  }
}

function chosen(encoding: Encoding | undefined, delimiter: Delimiter | undefined): TrialOptions {
  return {
    ...(encoding === undefined ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter }),
  }
}

export function badValue(at: string, known: readonly string[]): Stop {
  const list = known.join(' ')
  return new Stop({
    code: 'cli/bad-value',
    exit: exits.usage,
    at,
    text: text(`可用：${list}`, `one of: ${list}`),
  })
}

/** The end of a command whose file cannot be read as rows: its own code, and what to do. */
export function stopOf({ code, message }: Failure, path: string): Stop {
  const meaning = wordsOf(code)?.meaning ?? text(message, message)
  const detail = message.slice(code.length + 2).replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
  const said = systemSaid(detail)
  if (said !== undefined) {
    return new Stop({
      code,
      exit: exits.failure,
      at: path,
      text: text(`${meaning.zh}：${said.meaning.zh}`, `${meaning.en}: ${said.meaning.en}`),
      remedy: said.remedy,
    })
  }
  // Details are names or counts of the file, which need no language, or sentences in English.
  const [zh, en] =
    code === 'sources/no-such-sheet'
      ? [`；有：${detail}`, `; there are: ${detail}`]
      : [/[a-z] [a-z]/.test(detail) ? '' : `（${detail}）`, ` (${detail})`]
  return new Stop({
    code,
    exit: exits.failure,
    at: path,
    text: text(`${meaning.zh}${zh}`, `${meaning.en}${en}`),
    remedy: remedyOf(code),
  })
}
