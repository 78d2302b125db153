// What is no table that can be read is named as what it is, so that the remedy fits.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { makeZip } from '#test/workbooks'
import { kindOfFile } from './format.ts'
import { openWorkbook } from './xlsx.ts'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lianban-kinds-'))
after(() => {
  fs.rmSync(folder, { recursive: true })
})

/** What a file of these bytes is, under the name of a table. */
async function kindOf(bytes: string | Uint8Array): Promise<string> {
  const file = path.join(folder, 'list.csv')
  fs.writeFileSync(file, bytes)
  try {
    const kind = await kindOfFile(file)
    if (kind === 'xlsx') await openWorkbook(file, {})
    return kind
  } catch (error) {
    return (error as { readonly code: string }).code
  }
}

const latin = (text: string): Buffer => Buffer.from(text, 'latin1')

/** An OLE container whose directory stands behind everything else, as after a long workbook. */
function container(...streams: readonly string[]): Buffer {
  const bytes = Buffer.alloc(512 * 260)
  bytes.write('d0cf11e0a1b11ae1', 'hex')
  bytes.writeUInt16LE(9, 30)
  bytes.writeUInt32LE(250, 48)
  for (const [at, name] of streams.entries()) bytes.write(name, 512 * 251 + at * 128, 'utf16le')
  return bytes
}

function dbase(): Buffer {
  const bytes = Buffer.alloc(200, 0x20)
  bytes.set([0x03, 126, 11, 20, 1, 0, 0, 0, 65, 0, 11, 0])
  bytes[64] = 0x0d
  return bytes
}

const zipped = (...names: readonly string[]): Uint8Array =>
  makeZip(names.map((name) => ({ name, text: 'x' })))

const kinds: readonly (readonly [name: string, bytes: string | Uint8Array, code: string])[] = [
  ['a workbook of Excel 97 (BIFF8)', container('Root Entry', 'Workbook'), 'sources/old-excel'],
  ['a workbook of Excel 95 (BIFF5)', container('Root Entry', 'Book'), 'sources/old-excel'],
  ['a workbook without a container (BIFF4)', latin('\t\u0004\u0006\0\0\0'), 'sources/old-excel'],
  ['a sheet of WPS (.et)', container('Workbook', 'ETExtData'), 'sources/old-excel'],
  ['a protected workbook', container('EncryptionInfo', 'EncryptedPackage'), 'sources/encrypted'],
  ['a Word document', container('WordDocument'), 'sources/document'],
  ['a web page (.xls)', '\ufeff <html><table><tr>', 'sources/html-table'],
  [
    'a sheet in the XML of 2003',
    '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
    'sources/xml-sheet',
  ],
  ['JSON', '[ {"code": "1"}]', 'sources/not-a-table'],
  ['lines of JSON', '\ufeff{"code": "1"}\n{"code": "2"}\n', 'sources/not-a-table'],
  ['other XML', '<?xml version="1.0"?><rows/>', 'sources/not-a-table'],
  ['a sheet of LibreOffice (.ods)', zipped('mimetype', 'content.xml'), 'sources/other-sheet'],
  ['a sheet of Numbers', zipped('Index/Document.iwa'), 'sources/other-sheet'],
  ['an older sheet of Numbers', zipped('Index.zip'), 'sources/other-sheet'],
  ['a binary workbook (.xlsb)', zipped('xl/workbook.bin'), 'sources/other-sheet'],
  ['a newer Word document', zipped('word/document.xml'), 'sources/document'],
  ['a packed list', zipped('list.csv'), 'sources/archive'],
  ['a PDF', '%PDF-1.7\n', 'sources/document'],
  ['a picture', latin('\u0089PNG\r\n\u001a\n'), 'sources/document'],
  ['a photograph', Buffer.from('ffd8ffe0', 'hex'), 'sources/document'],
  ['a packed file', Buffer.from('1f8b0800', 'hex'), 'sources/archive'],
  ['an archive', latin('Rar!\u001a\u0007'), 'sources/archive'],
  ['a column file', latin('PAR1\u0015\u0004\u0015'), 'sources/other-database'],
  ['a table of dBase', dbase(), 'sources/other-database'],
  ['a database of Access', latin('\0\u0001\0\0Standard Jet DB\0'), 'sources/other-database'],
  ['text that begins like a column file', 'PAR1,ORC\n1,2\n', 'text'],
  ['text that begins with a tab', '\tname\n1\tx\n', 'text'],
]

for (const [name, bytes, code] of kinds) {
  test(`${name}: ${code}`, async () => {
    assert.equal(await kindOf(bytes), code)
  })
}

test('what is no file is not read: a directory, and a device without end', async () => {
  for (const place of [folder, '/dev/zero']) {
    await assert.rejects(kindOfFile(place), { code: 'sources/not-read' })
  }
})
