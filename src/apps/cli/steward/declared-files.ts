// Files in which people declare things, as commands read them: JSON with one meaning, and where a
// file is otherwise, every fault of it at once, in words and for programs. `lianban source check`
// says of a load file or a mapping whether it is sound, and changes nothing.
import fs from 'node:fs'
import type { Json } from '#base/canonical'
import { explainBy, grammarTexts, readJsonText } from '#blueprint/grammar'
import type { Language, TextRow } from '#blueprint/grammar'
import type { DeclaredFault, DeclaredWords } from '#apps/node/declared'
import { isMembers, misfit, wordsOfFault } from '#apps/node/declared'
import { decodeLoadFile, isLoadFile, loadFaultTexts } from '#apps/node/loading'
import { decodeMapping, isMapping, mappingFaults, mappingFaultTexts } from '#apps/node/mapping'
import { readPack, readTypes } from '#apps/node/pack'
import { nearestOf } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits, pathStop, Stop, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'

const bytesMax = 262_144
const faultsShown = 40
const packName = 'beijing'
const formats = ['lianban/load/1', 'lianban/mapping/1'] as const

/** The JSON value of a file, or the end of the command. Untrusted. */
export function readDeclared(path: string): Json {
  let content: Buffer
  try {
    content = fs.readFileSync(path)
  } catch (error) {
    throw pathStop('cli/not-read', path, error)
  }
  if (content.length > bytesMax) {
    throw new Stop({ code: 'grammar/oversized', exit: exits.usage, at: path, ...saidOf() })
  }
  const read = readJsonText(content.toString('utf8'))
  if ('value' in read) return read.value
  const [zh, en] = (['zh', 'en'] as const).map((each) => explainBy(grammarTexts, read, each))
  const at = read.path === '' ? path : `${path} ${read.path}`
  throw new Stop({
    code: read.code,
    exit: exits.usage,
    at: plain(at),
    text: text(plain(zh?.reason ?? read.code), plain(en?.reason ?? read.code)),
    remedy: text(zh?.remedy ?? '', en?.remedy ?? ''),
  })
}

function saidOf(): { readonly text: ReturnType<typeof text> } {
  return { text: text(`超过 ${bytesMax} 字节`, `longer than ${bytesMax} bytes`) }
}

/** Codes of the city's members. */
export function memberCodes(): readonly string[] {
  return readPack(packName).members.map(({ code }) => code)
}

/** The end of a command over a file, with every fault in words and for programs. */
export function misfits(
  path: string,
  faults: readonly DeclaredFault[],
  { code, texts }: { readonly code: string; readonly texts: readonly TextRow[] },
): Stop {
  const inWords = (language: Language): readonly DeclaredWords[] =>
    faults.map((fault) => wordsOfFault(fault, language, { texts, nearest: nearestOf }))
  const [zh, en] = [inWords('zh'), inWords('en')]
  const listed = (words: readonly DeclaredWords[]): string =>
    words
      .slice(0, faultsShown)
      .map(({ path: at, reason, remedy }) => `\n  ${plain(at)}: ${plain(reason)}\n    → ${remedy}`)
      .join('')
  const rest = faults.length - faultsShown
  const more = rest > 0 ? `\n  … +${rest}` : ''
  const places = faults.length === 1 ? '1 place' : `${faults.length} places`
  return new Stop({
    code,
    exit: exits.usage,
    at: path,
    text: text(
      `文件有 ${faults.length} 处不对${listed(zh)}${more}`,
      `the file is wrong in ${places}${listed(en)}${more}`,
    ),
    more: {
      faults: faults.map((fault, at) => {
        const { near, reason, remedy } = en[at] ?? {}
        const words = {
          en: { reason, remedy },
          zh: { reason: zh[at]?.reason, remedy: zh[at]?.remedy },
        }
        return { ...fault, ...(near === undefined ? {} : { near }), ...words }
      }),
    },
  })
}

/** Runs `source check FILE`. */
export function checkDeclared({ operands, terminal }: Ask): Answer {
  const path = operands['FILE'] ?? ''
  const value = readDeclared(path)
  const format = isMembers(value) ? value['format'] : undefined
  const found = faultsOf(value, format)
  if (found !== null) throw misfits(path, found.faults, found)
  return {
    data: { ok: true, file: path, format },
    lines: [terminal.words(`${path} 没有错误`, `${path} is sound`)],
  }
}

type Found = {
  readonly code: string
  readonly texts: readonly TextRow[]
  readonly faults: readonly DeclaredFault[]
}

function faultsOf(value: Json, format: Json | undefined): Found | null {
  if (format === 'lianban/mapping/1') {
    const read = decodeMapping(value)
    const faults = isMapping(read) ? mappingFaults(read, readTypes(), registersOf(read)) : read
    const texts = mappingFaultTexts
    return faults.length === 0 ? null : { code: 'node/mapping-faulty', texts, faults }
  }
  const [code, texts] = ['node/load-misfit', loadFaultTexts] as const
  if (format !== 'lianban/load/1') {
    const { kind: _, ...place } = misfit('', 'format', { value: format, among: formats })
    return { code, texts, faults: [{ ...place, code: 'node/load-unknown-word' }] }
  }
  const read = decodeLoadFile(value, memberCodes())
  return isLoadFile(read) ? null : { code, texts, faults: read }
}

/** Which registers are connected stands in a department's settings and not in its mapping. */
function registersOf({ items }: { readonly items: object }): readonly string[] {
  return Object.values(items).map((item) => (item as { register?: string }).register ?? 'main')
}

/** Names come from outside: nothing of them may steer a terminal. */
export function plain(said: string): string {
  return said.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
}
