// Files that somebody has made to do harm, each with one idea: text that a careless reader would go
// over again and again, containers that unpack without end, sheets that lie about themselves.
import { gbEncode } from '#adapters/sources'
import { bookMembers, makeZip, textRow } from '#test/workbooks'
import type { MadeMember } from '#test/workbooks'

/** A hostile file: what it tries, and its bytes. */
export type HostileFile = { readonly tries: string; readonly make: () => Uint8Array }

const kib = 1024
const mib = 1024 * kib

function text(tries: string, make: () => string): HostileFile {
  return { tries, make: () => Buffer.from(make()) }
}

const wide = (count: number, cell = 'x'): string => Array(count).fill(cell).join(',')

/** Texts with delimiters. */
export const hostileTexts: readonly HostileFile[] = [
  text('blanks after a word of totals', () => `名称,数\n合计${' '.repeat(200 * kib)}x,1\n`),
  text('blanks in every cell', () => `a,b\n${`${' '.repeat(100 * kib)}x,1\n`.repeat(40)}`),
  text('a cell of digits without end', () => `a,b\n${'9'.repeat(250 * kib)},1\n`),
  text('a cell of commas in quotes', () => `a,b\n"${','.repeat(255 * kib)}",1\n`),
  text('a cell of stars', () => `a,b\n${'*'.repeat(200 * kib)},1\n`),
  text('escapes of workbooks', () => `a,b\n${'_x'.repeat(100 * kib)},1\n`),
  text(
    'a header of 16,384 columns',
    () => `${wide(16_384)}\n${`${wide(16_384, '1')}\n`.repeat(40)}`,
  ),
  text('rows of 60,000 cells', () => `${wide(60_000, '1')}\n`.repeat(20)),
  text('a row of 9 MiB', () => `a,b\n${'x'.repeat(9 * mib)}\n1,2\n`),
  text('one row of 5 million cells', () => `a,b\n${','.repeat(5 * mib)}\n1,2\n`),
  text('a quote that is never closed', () => `a,b\n"${'x\n'.repeat(mib / 2)}`),
  text('a quote before every cell', () => `a,b\n${'"x\n'.repeat(mib)}`),
  text('quotes alone', () => '"'.repeat(4 * mib)),
  text('rows of nothing', () => `a,b\n${'\n'.repeat(4 * mib)}1,2\n`),
  text('line ends of every kind', () => `a,b${'\r\n\r\n\n\r'.repeat(200 * kib)}1,2`),
  text('zero bytes', () => '\0'.repeat(2 * mib)),
  text('formulas to be run', () => `a,b\n=cmd|'/c calc'!A1,@x\n+1+1,-1+1\n\t=1,\r=2\n`.repeat(9)),
  text('a mark before every line', () => '\ufeffa,b\n'.repeat(kib)),
  { tries: 'two marks that contradict', make: () => Buffer.from('efbbbffffe61002c000a00', 'hex') },
  { tries: 'lone surrogates in UTF-16', make: () => utf16('a,b\n\ud800,\udc00\n\udfff\ud800,x\n') },
  {
    tries: 'surrogates in UTF-8',
    make: () => Buffer.from('612c620a eda0802c31'.replace(' ', ''), 'hex'),
  },
  { tries: 'half a unit at the end', make: () => utf16('a,b\n1,2\n').subarray(0, 17) },
  { tries: 'UTF-16 in the other order', make: () => Buffer.from(utf16('a,b\n甲,2\n')).swap16() },
  { tries: 'overlong and cut UTF-8', make: () => Buffer.from('612c620ac0af2cf4908080f0', 'hex') },
  { tries: 'GB 18030 cut in a character', make: () => gb('名称,数\n䶮,1\n䶮').subarray(0, -2) },
  {
    tries: 'characters of four bytes beyond any',
    make: () => Buffer.from('612c620afe39fe39', 'hex'),
  },
  {
    tries: 'all bytes',
    make: () => Buffer.from(Array.from({ length: 4096 }, (_, at) => at & 255)),
  },
]

function utf16(chars: string): Buffer {
  return Buffer.from(`\ufeff${chars}`, 'utf16le')
}

function gb(chars: string): Uint8Array {
  return gbEncode(chars) as Uint8Array
}

const row = textRow(1, ['序号', '名称']) + textRow(2, ['1', '甲'])

function book(
  tries: string,
  change: (members: MadeMember[]) => readonly MadeMember[],
): HostileFile {
  return { tries, make: () => makeZip(change(bookMembers({ rows: row, texts: ['甲'] }))) }
}

/** A workbook of which one part is this text. */
function part(tries: string, name: string, xml: () => string): HostileFile {
  return book(tries, (members) => [
    ...members.filter((member) => member.name !== name),
    { name, text: xml() },
  ])
}

const sheetName = 'xl/worksheets/sheet1.xml'
const inSheet = (tries: string, rows: () => string, after = ''): HostileFile =>
  part(tries, sheetName, () => `<worksheet><sheetData>${rows()}</sheetData>${after}</worksheet>`)
const shared = (tries: string, items: () => string): HostileFile =>
  part(tries, 'xl/sharedStrings.xml', () => `<sst count="9" uniqueCount="9">${items()}</sst>`)

const laughs = Array.from(
  { length: 30 },
  (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`,
).join('')

/** Something that does not pack well: four digits of a sequence that does not repeat. */
function noise(at: number): string {
  return String((at * 2_654_435_761) % 9973)
}

const pinyin = (count: number): string =>
  Array.from(
    { length: count },
    (_, at) =>
      `<si><t>甲乙丙丁戊己庚辛壬癸甲乙丙丁</t>${`<rPh><t>${noise(at)}</t></rPh>`.repeat(40)}</si>`,
  ).join('')

/** Parts of workbooks and their containers. */
export const hostileBooks: readonly HostileFile[] = [
  inSheet('cells that unpack to 400 times their size', () => '<a/>'.repeat(12 * mib)),
  inSheet('a comment without end', () => `<!--${' '.repeat(30 * mib)}-->`),
  inSheet('elements inside each other', () => '<a>'.repeat(mib)),
  inSheet('attributes without end', () => `<row${' a="1"'.repeat(200 * kib)}/>`),
  inSheet('an attribute without end', () => `<row r="${'1'.repeat(3 * mib)}"/>`),
  inSheet('a name without end', () => `<${'r'.repeat(3 * mib)}/>`),
  inSheet(
    'a text in pieces',
    () => `<row r="1"><c r="A1"><v>${'<![CDATA[1]]>'.repeat(mib)}</v></c></row>`,
  ),
  inSheet('a cell of 4 MiB', () => textRow(1, ['x'.repeat(1000 * kib).repeat(4)])),
  inSheet('the last row and column', () => '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
  inSheet('gaps in every row', () =>
    Array.from(
      { length: 20_000 },
      (_, at) => `<row r="${at + 1}"><c r="XFD${at + 1}"><v>1</v></c></row>`,
    ).join(''),
  ),
  inSheet('a column beyond the last', () => '<row r="1"><c r="XFE1"><v>1</v></c></row>'),
  inSheet('a row beyond the last', () => '<row r="4294967297"/>'),
  inSheet('a row of no number', () => '<row r="1e3"/><row r="-1"/><row r="NaN"/>'),
  inSheet('the same row twice', () => '<row r="1"/><row r="1"/>'),
  inSheet('the same cell twice', () => '<row r="1"><c r="A1"/><c r="A1"/></row>'),
  inSheet('a formula of itself', () => '<row r="1"><c r="A1"><f>A1</f><v>1</v></c></row>'),
  inSheet(
    'formulas in a ring',
    () => '<row r="1"><c r="A1"><f>B1</f></c><c r="B1"><f>A1</f></c></row>',
  ),
  inSheet(
    'a shared text that is not there',
    () => '<row r="1"><c r="A1" t="s"><v>9999999</v></c></row>',
  ),
  inSheet('a shared text below the first', () => '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>'),
  inSheet('a style that is not there', () => '<row r="1"><c r="A1" s="999999"><v>1</v></c></row>'),
  inSheet('surrogates by escape', () => row + textRow(3, ['_xD800_', '_xDC00__xDC00_'])),
  inSheet('characters by number', () => textRow(1, ['&#0;', '&#xD800;'])),
  inSheet('merged cells without end', () => row, '<mergeCell ref="A1:B1"/>'.repeat(200_000)),
  inSheet(
    'merged cells over each other',
    () => row,
    '<mergeCell ref="A1:XFD1048576"/>'.repeat(90_000),
  ),
  inSheet('a merged range that runs back', () => row, '<mergeCell ref="C3:A1"/>'),
  inSheet('a sheet that says it is small', () => `<dimension ref="A1:A1"/>${row}`),
  part(
    'ten billion laughs',
    sheetName,
    () => `<!DOCTYPE w [<!ENTITY l0 "x">${laughs}]><w>&l30;</w>`,
  ),
  part(
    'an entity from outside',
    sheetName,
    () => '<!DOCTYPE w [<!ENTITY x SYSTEM "/etc/passwd">]><w>&x;</w>',
  ),
  part('an entity of its own', sheetName, () => '<worksheet>&x;</worksheet>'),
  part(
    'a sheet without an end',
    sheetName,
    () => '<worksheet><sheetData><row r="1"><c r="A1"><v>1',
  ),
  part('a sheet in UTF-16', sheetName, () =>
    Buffer.from('<worksheet/>', 'utf16le').toString('latin1'),
  ),
  part(
    'number formats of brackets',
    'xl/styles.xml',
    () => `<s><numFmt numFmtId="200" formatCode="${'['.repeat(900 * kib)}"/></s>`,
  ),
  part(
    'cell styles without end',
    'xl/styles.xml',
    () => `<s><cellXfs>${'<xf numFmtId="14"/>'.repeat(mib)}</cellXfs></s>`,
  ),
  shared('shared texts of nothing', () => '<si/>'.repeat(5_000_000)),
  shared('a shared text of 40 MiB', () => `<si><t>${'<![CDATA[甲]]>'.repeat(3 * mib)}</t></si>`),
  shared('readings that outweigh their texts', () => pinyin(30_000)),
  part(
    '10,000 sheets',
    'xl/workbook.xml',
    () => `<workbook>${'<sheet name="a" id="rId1"/>'.repeat(10_000)}</workbook>`,
  ),
  part(
    'sheets that are not there',
    'xl/workbook.xml',
    () => '<workbook><sheet name="a" id="x"/></workbook>',
  ),
  part(
    'a sheet outside',
    'xl/_rels/workbook.xml.rels',
    () => '<R><Relationship Id="rId1" Target="../../../etc/passwd"/></R>',
  ),
]

const last = (change: Partial<MadeMember>) => (members: readonly MadeMember[]) =>
  members.map((member, at) => (at === members.length - 1 ? { ...member, ...change } : member))

/** A container that is cut off at this part of its length. */
function cut(at: number): HostileFile {
  const whole = makeZip(bookMembers({ rows: row, texts: ['甲'] }))
  return {
    tries: `a container cut after ${at} of 24 parts`,
    make: () => whole.subarray(0, Math.floor((whole.length * at) / 24)),
  }
}

/** Containers that lie. */
export const hostileContainers: readonly HostileFile[] = [
  book('4 GiB declared', last({ size: 0xffff_fffe })),
  book('sizes of ZIP64 without it', last({ size: 0xffff_ffff })),
  book('less declared than there is', last({ size: 3 })),
  book('another checksum', last({ crc: 7 })),
  book('a member that begins in another', last({ offset: 0 })),
  book('a member beyond the file', last({ offset: 0xfff0_0000 })),
  book('a protected member', last({ flags: 1 })),
  book('a member twice', (members) => [...members, ...members]),
  book('a container in a container', () => [
    { name: 'list.xlsx', text: makeZip(bookMembers({ rows: row })) },
  ]),
  book('20,000 members', (members) => [
    ...members,
    ...Array.from({ length: 20_000 }, (_, at) => ({ name: `${at}`, text: '' })),
  ]),
  book('names that lead outside', (members) =>
    members.map((each) => ({ ...each, name: `../${each.name}` })),
  ),
  { tries: 'more members than there are', make: () => makeZip(bookMembers({ rows: row }), 60_000) },
  { tries: 'fewer members than there are', make: () => makeZip(bookMembers({ rows: row }), 1) },
  {
    tries: 'a directory without a container',
    make: () => Buffer.from('504b0506000000000000ffff000000000000000000', 'hex'),
  },
  ...Array.from({ length: 23 }, (_, at) => cut(at + 1)),
]
