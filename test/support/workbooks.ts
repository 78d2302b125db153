// Makes workbooks for tests: a ZIP container of stored or deflated members, and the parts of a
// sheet around the rows that a test writes itself. Every field of the container can be made to lie.
import { crc32, deflateRawSync } from 'node:zlib'

/** A member, and what its headers say when that is not the truth. */
export type MadeMember = {
  readonly name: string
  readonly text: string | Uint8Array
  readonly stored?: boolean
  readonly size?: number
  readonly crc?: number
  readonly flags?: number
  readonly offset?: number
}

/** A container of these members. */
export function makeZip(
  members: readonly MadeMember[],
  count: number = members.length,
): Uint8Array {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const member of members) {
    const raw = Buffer.from(member.text)
    const packed = member.stored === true ? raw : deflateRawSync(raw)
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt16LE(member.flags ?? 0, 2)
    facts.writeUInt16LE(member.stored === true ? 0 : 8, 4)
    facts.writeUInt32LE(member.crc ?? crc32(raw), 10)
    facts.writeUInt32LE(packed.length, 14)
    facts.writeUInt32LE(member.size ?? raw.length, 18)
    const name = Buffer.from(member.name)
    facts.writeUInt16LE(name.length, 22)
    parts.push(Buffer.from('PK\u0003\u0004', 'latin1'), facts, name, packed)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(member.offset ?? at, 10)
    directory.push(Buffer.from('PK\u0001\u0002\u0014\0', 'latin1'), facts, tail, name)
    at += 30 + name.length + packed.length
  }
  const end = Buffer.alloc(18)
  end.writeUInt16LE(count, 4)
  end.writeUInt16LE(count, 6)
  const listed = Buffer.concat(directory)
  end.writeUInt32LE(listed.length, 8)
  end.writeUInt32LE(at, 12)
  return Buffer.concat([...parts, listed, Buffer.from('PK\u0005\u0006', 'latin1'), end])
}

const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

export type BookParts = {
  /** The XML of the rows, and what stands after them in the sheet. */
  readonly rows: string
  readonly after?: string
  readonly texts?: readonly string[]
  /** The number format of each cell style: 14 is a date. */
  readonly formats?: readonly number[]
}

/** The members of a workbook with one sheet. */
export function bookMembers({
  rows,
  after = '',
  texts,
  formats = [0, 14],
}: BookParts): MadeMember[] {
  const xml = (text: string): string => `<?xml version="1.0" encoding="UTF-8"?>${text}`
  const shared = texts?.map((text) => `<si><t xml:space="preserve">${text}</t></si>`).join('')
  const styles = formats.map((id) => `<xf numFmtId="${id}"/>`).join('')
  return [
    {
      name: 'xl/workbook.xml',
      text: xml(
        `<workbook xmlns:r="${relations}"><sheets><sheet name="表一" sheetId="1" r:id="rId1"/></sheets></workbook>`,
      ),
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      text: xml(
        '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
      ),
    },
    { name: 'xl/styles.xml', text: xml(`<styleSheet><cellXfs>${styles}</cellXfs></styleSheet>`) },
    ...(shared === undefined
      ? []
      : [{ name: 'xl/sharedStrings.xml', text: xml(`<sst>${shared}</sst>`) }]),
    {
      name: 'xl/worksheets/sheet1.xml',
      text: xml(`<worksheet><sheetData>${rows}</sheetData>${after}</worksheet>`),
    },
  ]
}

/** A row of text cells, from column A. */
export function textRow(row: number, texts: readonly string[]): string {
  const cells = texts.map((text, at) => {
    const letter = String.fromCharCode(65 + at)
    return `<c r="${letter}${row}" t="inlineStr"><is><t>${text}</t></is></c>`
  })
  return `<row r="${row}">${cells.join('')}</row>`
}
