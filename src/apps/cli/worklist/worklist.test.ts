// The file of a worklist as it comes back: what cannot be read in it is named and not passed over.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { gbEncode } from '#adapters/sources'
import { sheetOf } from './worklist.ts'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lianban-worklist-'))
after(() => fs.rmSync(folder, { recursive: true }))

test('a cell that cannot be read ends the taking of answers with its address', async () => {
  const file = path.join(folder, 'answers.csv')
  const lines = Array.from({ length: 200 }, (_, at) => `第${at}号,办理,备注说明文字`)
  const sound = gbEncode(['编号,答复,填写', ...lines, ''].join('\r\n')) as Uint8Array
  fs.writeFileSync(file, sound)
  assert.equal((await sheetOf(file)).length, 201)
  const bytes = Buffer.from(sound)
  const remark = gbEncode('备注说明文字') as Uint8Array
  bytes[bytes.lastIndexOf(remark)] = 0xff
  fs.writeFileSync(file, bytes)
  await assert.rejects(sheetOf(file), { code: 'sources/bad-sequence', at: 'C201' })
})
