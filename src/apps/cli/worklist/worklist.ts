// `lianban city worklist MEMBER ACT OUT` and `lianban city answers MEMBER ACT FILE`: a department
// whose only tool is a spreadsheet takes what waits as a file in its own encoding, and hands back
// the same file with answers. A file with one bad cell decides nothing; decided rows fall away.
import { Failure, letterOf, restored, writeRow } from '#adapters/sources'
import { sourceOf } from '#blueprint/derive'
import type { City } from '#apps/node/city'
import { incoming, NoSheet, outgoing, worklistCodes } from '#apps/node/worklist'
import type { Sheet, WorkDesk, WorkOf } from '#apps/node/worklist'
import { needCity, openHere } from '#apps/cli/city'
import { usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits, meaningIn, Stop, text, writeNew } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { openSource, remedyOf, stopOfSource } from '#apps/cli/source'

const encodings = ['gb18030', 'utf-8'] as const
const rowsMax = 10_000

/** Writes the worklist of an act. */
export async function writeWorklist(ask: Ask): Promise<Answer> {
  const encoding = encodings.find((each) => each === (ask.values['to'] ?? 'gb18030'))
  if (encoding === undefined) {
    throw usage('cli/bad-value', '--to', ['可用：gb18030 utf-8', 'one of: gb18030 utf-8'])
  }
  const { OUT: out = '' } = ask.operands
  const sheet = await withDesk(ask, ({ desk, of }) => outgoing(desk, of))
  const rows = sheet.map((row) => writeRow(row, { encoding, delimiter: ',' }))
  const unwritable = rows.findIndex((row) => row === null)
  if (unwritable >= 0) {
    throw new Stop({
      code: 'sources/no-form',
      exit: exits.failure,
      at: `A${unwritable + 1}`,
      text: text('有字符在此编码中写不出来', 'a character has no form in this encoding'),
      remedy: text('改用 --to utf-8', 'use --to utf-8'),
    })
  }
  writeNew(out, Buffer.concat(rows as Uint8Array[]))
  const count = sheet.length - 1
  const line = ask.terminal.words(
    `${count} 件待办写入 ${out}`,
    `${count} lines of work written to ${out}`,
  )
  return { data: { out, encoding, lines: count }, lines: [line] }
}

/** Reads a worklist that came back, and carries out what it says. */
export async function takeAnswers(ask: Ask): Promise<Answer> {
  const { FILE: path = '' } = ask.operands
  const sheet = await sheetOf(path)
  return withDesk(ask, async ({ desk, of, city }) => {
    const { decisions, unanswered, bad } = await incoming(desk, of, sheet)
    const decided: { readonly at: string; readonly became: string }[] = []
    if (bad.length === 0) {
      for (const { at, deciding } of decisions) {
        const done = await desk.decide(deciding)
        const became =
          'refused' in done
            ? (done.refused[0]?.code ?? 'node/worklist-changed')
            : 'waits' in done
              ? 'waits'
              : 'done'
        decided.push({ at, became })
      }
      await city.settle()
    }
    const refused = decided.filter(({ became }) => became !== 'done' && became !== 'waits')
    const whole = bad.length === 0 && refused.length === 0
    return {
      data: { file: path, decided, unanswered, bad },
      lines: [
        ...ask.terminal.table(bad.map(({ at, code }) => [at, code, meaningOf(ask, code)])),
        ...ask.terminal.table(decided.map(({ at, became }) => [at, becameWords(ask, became)])),
        ask.terminal.words(
          `办结 ${decided.length - refused.length} 件，未答复 ${unanswered} 件，有误 ${bad.length} 处`,
          `${decided.length - refused.length} carried out, ${unanswered} unanswered, ${bad.length} bad`,
        ),
      ],
      exit: whole ? exits.ok : exits.conflict,
    }
  })
}

const chinese: { readonly [code: string]: string } = {
  'node/worklist-no-sheet': '该环节给出的内容无法填在单元格里',
  'node/worklist-other-columns': '列与发出时不同；请在发出的文件上填写',
  'node/worklist-unknown-line': '待办中没有此编号',
  'node/worklist-twice': '前面已有此编号的行',
  'node/worklist-changed': '待办已有变化，或此行被改动；请重新取表',
  'node/worklist-bad-answer': '答复不在允许之列',
  'node/worklist-bad-cell': '单元格无法读作该字段',
  'node/worklist-not-asked': '所选答复不需要填写此格',
}

function meaningOf({ terminal }: Ask, code: string): string {
  const en = worklistCodes.find(([each]) => each === code)?.[1] ?? code
  return terminal.words(chinese[code] ?? en, en)
}

/** What became of a decision, or the code of its refusal with its meaning. */
function becameWords({ terminal }: Ask, became: string): string {
  if (became === 'done') return terminal.words('已办结', 'done')
  if (became === 'waits') return terminal.words('已受理，等待他人', 'taken, and waits for others')
  const meaning = meaningIn(terminal.language, became)
  return meaning === became ? became : `${became}  ${meaning}`
}

type Working = { readonly desk: WorkDesk; readonly of: WorkOf; readonly city: City }

async function withDesk<T>(ask: Ask, use: (working: Working) => Promise<T>): Promise<T> {
  const { MEMBER: code = '', ACT: named = '' } = ask.operands
  const [application = '', act = ''] = named.split('/')
  const city = await openHere(needCity(ask))
  try {
    const member = city.members.get(code)
    const known = [...city.members.keys()].join(' ')
    if (member === undefined) {
      throw usage('cli/bad-value', 'MEMBER', [`可用：${known}`, `one of: ${known}`])
    }
    const app = city.applications.find(({ blueprint }) => blueprint.id === application)
    if (app === undefined || !Object.hasOwn(app.blueprint.acts, act)) {
      const acts = city.applications.flatMap(({ blueprint }) =>
        Object.keys(blueprint.acts).map((each) => `${blueprint.id}/${each}`),
      )
      throw usage('cli/bad-value', 'ACT', [`可用：${acts.join(' ')}`, `one of: ${acts.join(' ')}`])
    }
    await city.settle()
    const source = sourceOf(app.blueprint, app.types)
    const of = { source, act, by: member.officers[0] ?? 'desk' }
    return await use({ desk: member.desk, of, city })
  } catch (error) {
    if (!(error instanceof NoSheet)) throw error
    throw usage('cli/bad-value', 'ACT', [
      '该环节给出的内容无法填在单元格里',
      'what this act gives has no form in cells',
    ])
  } finally {
    await city.stop()
  }
}

function unread(code: string, at: string): Stop {
  return new Stop({ code, exit: exits.failure, at, remedy: remedyOf(code) })
}

/** The rows of a file that came back. Untrusted. */
export async function sheetOf(path: string): Promise<Sheet> {
  try {
    const { rows } = await openSource(path)
    const sheet: string[][] = []
    await rows.scan(({ cells, number, flaw }) => {
      const place = cells.findIndex(({ sort }) => sort === 'bad' || sort === 'error')
      const bad = cells[place]?.flaw ?? (place < 0 ? undefined : 'sources/error-cell')
      // What cannot be read is no empty cell: nobody knows what was answered there.
      if (bad !== undefined) throw unread(bad, `${letterOf(place)}${number}`)
      if (flaw === 'sources/wide-row') throw unread(flaw, String(number))
      if (sheet.length > rowsMax) throw new Failure('sources/too-large', `${rowsMax} rows`)
      if (cells.length > 0) sheet.push(cells.map((cell) => restored(cell.text)))
    })
    return sheet
  } catch (error) {
    throw error instanceof Failure ? stopOfSource(error, path) : error
  }
}
