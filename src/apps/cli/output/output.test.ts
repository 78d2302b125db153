// Claims about what is printed: one JSON value, quiet tables, no colour where nobody looks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellsOf, cliCodes, exits, foldLines, languageOf } from '#apps/cli/output'
import { meaningIn, problemAnswer } from '#apps/cli/output'
import { problemLines, Stop, tableLines, Terminal, text } from '#apps/cli/output'

function collect(): { readonly stream: { write(text: string): void }; readonly all: string[] } {
  const all: string[] = []
  return { stream: { write: (said) => void all.push(said) }, all }
}

function terminal(
  more: { readonly json?: boolean; readonly quiet?: boolean; readonly tty?: boolean } = {},
): { readonly terminal: Terminal; readonly out: string[]; readonly err: string[] } {
  const [out, err] = [collect(), collect()]
  return {
    terminal: new Terminal({
      language: 'en',
      json: more.json === true,
      quiet: more.quiet === true,
      verbose: false,
      out: { ...out.stream, isTTY: more.tty === true },
      err: err.stream,
    }),
    out: out.all,
    err: err.all,
  }
}

test('an answer is one JSON value under --json and lines otherwise', () => {
  const json = terminal({ json: true })
  json.terminal.answer({ data: { ok: true }, lines: ['a'] })
  assert.deepEqual(json.out, ['{"ok":true}\n'])
  const plain = terminal()
  plain.terminal.answer({ data: { ok: true }, lines: ['a', 'b'] })
  assert.deepEqual(plain.out, ['a\n', 'b\n'])
})

test('colour is for terminals alone', () => {
  assert.equal(terminal().terminal.paint('bad', 'x'), 'x')
  const before = process.env['NO_COLOR']
  delete process.env['NO_COLOR']
  assert.notEqual(terminal({ tty: true }).terminal.paint('bad', 'x'), 'x')
  assert.equal(terminal({ tty: true, json: true }).terminal.paint('bad', 'x'), 'x')
  process.env['NO_COLOR'] = '1'
  assert.equal(terminal({ tty: true }).terminal.paint('bad', 'x'), 'x')
  if (before === undefined) delete process.env['NO_COLOR']
})

test('what is quick says nothing of its progress', () => {
  const { terminal: quick, err } = terminal()
  const tell = quick.progress('读', 'reading')
  for (let done = 0; done < 100; done += 1) tell(done, 100)
  tell()
  assert.deepEqual(err, [])
})

test('columns stand under one another with Chinese in them', () => {
  assert.equal(cellsOf('链办 ok'), 7)
  assert.deepEqual(
    tableLines([
      ['链办', '1'],
      ['ok', '2'],
    ]),
    ['链办  1', 'ok    2'],
  )
})

test('counts stand to the right, and colours and marks take no cell', () => {
  assert.deepEqual(
    tableLines(
      [
        ['', '行', 'x'],
        ['甲', '1000', 'y'],
        ['b', '7', 'z'],
      ],
      { numbers: [1] },
    ),
    ['      行  x', '甲  1000  y', 'b      7  z'],
  )
  assert.equal(cellsOf('\u001b[31mab\u001b[39m'), 2)
  assert.equal(cellsOf('e\u0301'), 1)
  assert.deepEqual(
    tableLines(
      [
        ['a', '10'],
        ['b', '7'],
      ],
      { numbers: [1] },
    ),
    ['a  10', 'b   7'],
  )
})

test('the last cell of a row that is too wide goes on below itself, or on lines of its own', () => {
  const row = ['ab', 'one two three four five six']
  assert.deepEqual(tableLines([row], { width: 24 }), ['ab  one two three four', '    five six'])
  const wide = ['a long word or two before', '校验位不对，请按证照更正']
  const lines = tableLines([wide], { width: 30 })
  assert.deepEqual(lines, ['a long word or two before', '      校验位不对，请按证照更正'])
  for (const line of lines) assert.ok(cellsOf(line) <= 30)
  const long = ['7', 'a sentence that is too wide itself', '→ a remedy']
  const folded = tableLines([long], { width: 30 })
  assert.deepEqual(folded, ['7  a sentence that is too wide', '   itself', '      → a remedy'])
})

test('lines are folded for whoever looks and for nobody else', () => {
  const { terminal: piped } = terminal()
  const row = ['a', 'word '.repeat(20).trim()]
  assert.equal(piped.table([row]).length, 1)
  const looked = new Terminal({
    language: 'en',
    json: false,
    quiet: false,
    verbose: false,
    out: { write: () => true, isTTY: true, columns: 60 },
  })
  assert.deepEqual(looked.table([row]).length, 2)
  const sentence = row.join(' ')
  assert.deepEqual(piped.fold(sentence), [sentence])
  assert.equal(looked.fold(sentence).length, 2)
})

test('long work says how much is done, how fast, and what rest there is', () => {
  const said = (isTTY: boolean, of?: number): string => {
    const err = collect()
    const parts = { language: 'en', json: false, quiet: false, verbose: false } as const
    let now = 0
    const watched = new Terminal({ ...parts, err: { ...err.stream, isTTY }, clock: () => now })
    const tell = watched.progress('读', 'read')
    now = 1250
    tell(50_000, of)
    tell()
    return err.all.join('')
  }
  const [known, open, piped] = [said(true, 100_000), said(true), said(false)]
  const clear = '\r\u001b[K'
  assert.equal(
    known,
    `${clear}read 50,000/100,000 (50 %), 40,000/s, about 2 s left${clear}read 1.3 s\n`,
  )
  assert.equal(open, `${clear}read 50,000, 40,000/s${clear}read 1.3 s\n`)
  assert.equal(piped, '')
})

test('long sentences are folded by cells, and a mark never begins a line', () => {
  assert.deepEqual(foldLines('one two three', 7, '  '), ['one two', '  three'])
  assert.deepEqual(foldLines('缴纳契税，补差额', 8, ''), ['缴纳契', '税，补差', '额'])
  assert.deepEqual(foldLines('写着“非”', 6, ''), ['写着', '“非”'])
  assert.deepEqual(foldLines('unbreakable', 4, ' '), ['unbreakable'])
})

test('the language follows the environment in the order of POSIX', () => {
  assert.equal(languageOf({ LANG: 'zh_CN.UTF-8' }), 'zh')
  assert.equal(languageOf({ LANG: 'zh_CN.UTF-8', LC_ALL: 'en_US.UTF-8' }), 'en')
  assert.equal(languageOf({}), 'en')
})

test('every code of this room has its meaning in both languages, once', () => {
  assert.equal(new Set(cliCodes.map(([code]) => code)).size, cliCodes.length)
  for (const [code, en, zh] of cliCodes) {
    assert.match(code, /^cli\/[a-z-]+$/)
    assert.equal(meaningIn('en', code), en)
    assert.equal(meaningIn('zh', code), zh)
    assert.match(zh, /[\u4e00-\u9fff]/)
  }
})

test('an end says code, place, meaning and remedy', () => {
  const { terminal: plain } = terminal()
  const stop = new Stop({
    code: 'prove/split-view',
    exit: exits.unverified,
    at: 'file',
    remedy: text('做', 'do'),
  })
  assert.deepEqual(problemLines(plain, stop), [
    'prove/split-view [file]: two signed checkpoints of one size have different roots',
    '→ do',
  ])
  const data = problemAnswer(plain, stop)
  assert.deepEqual([data['ok'], data['code'], data['exit']], [false, 'prove/split-view', 3])
})
