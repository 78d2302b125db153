// What stewards sign: a load file counts as it was signed and not otherwise, and two signatures
// over a difference are two officers' signatures over that very difference.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Json } from '#base/canonical'
import { isRefusal } from '#ledger/command'
import { memberKey } from '#ledger/validate'
import { decodeLoadFile, isLoadFile } from '#apps/node/loading'
import type { LoadFile } from '#apps/node/loading'
import { openPracticeOfficers } from '#apps/node/officers'
import { changesOf, confirmMapping, lookedAt, officerNamed, officerNames } from './index.ts'
import { practiceRegistry, signersOf, signStatement, standingOf, stewardCodes } from './index.ts'
import type { Registry, Signed, Signing, Standing } from './index.ts'

const root = fs.mkdtempSync(join(os.tmpdir(), 'lianban-stewards-'))
after(() => fs.rmSync(root, { recursive: true }))

const officers = openPracticeOfficers(join(root, 'market.json'), 'market', 3)
const others = openPracticeOfficers(join(root, 'tax.json'), 'tax', 1)
const registry = practiceRegistry('market', officers)
const sign: Signing = ({ kids, intent, shown }) => {
  return officers.approve({ posts: [], kids, intent, shown })
}
const [first = '', second = ''] = officers.kids
const ledger = 'practice.example/test'

const parts = {
  format: 'lianban/load/1',
  name: 'firms',
  zh: '企业',
  en: 'firms',
  steward: 'market',
  file: 'firms.csv',
  source: { name: 'a test', terms: { zh: '无', en: 'none' } },
  fields: { uscc: { column: '代码', as: 'uscc', normal: ['trim'] } },
  key: ['uscc'],
  tables: [{ member: 'market', table: 'firm', identify: ['uscc'], columns: { uscc: 'uscc' } }],
}

function fileOf(value: unknown): LoadFile {
  const file = decodeLoadFile(value as Json)
  assert.ok(isLoadFile(file), JSON.stringify(file))
  return file
}

const file = fileOf(parts)
const difference = {
  load: 'firms',
  earlier: 1,
  mapping: 'm',
  schema: 's',
  content: 'c',
  rows: 5,
  accepted: 4,
  added: 1,
  changed: 2,
  vanished: 0,
  same: 1,
}

let folders = 0
function folder(): string {
  folders += 1
  return join(root, String(folders))
}

function codeOf(standing: Standing): string {
  return standing.confirmed ? 'confirmed' : standing.code
}

const confirming = { ledger, kid: first, sign, registry, now: 7 }

test('a load file counts once its steward has signed it, in this ledger alone', async () => {
  const at = folder()
  assert.equal(codeOf(standingOf(at, file, { ledger, registry })), 'node/unconfirmed')
  assert.ok(!isRefusal(await confirmMapping(at, file, confirming)))
  const standing = standingOf(at, file, { ledger, registry })
  assert.deepEqual(standing, { confirmed: true, kids: [first], at: 7 })
  const elsewhere = standingOf(at, file, { ledger: 'other.example/1', registry })
  assert.equal(codeOf(elsewhere), 'node/confirmation-damaged')
  assert.deepEqual(fs.readdirSync(join(at, 'mappings')), ['firms.json'])
})

test('a file that was changed since does not count, and every changed place is named', async () => {
  const at = folder()
  await confirmMapping(at, file, confirming)
  const fields = { uscc: { column: '统一代码', as: 'uscc' } }
  const standing = standingOf(at, fileOf({ ...parts, fields }), { ledger, registry })
  assert.ok(!standing.confirmed)
  assert.equal(standing.code, 'node/confirmed-otherwise')
  assert.deepEqual(standing.changes, [
    { path: 'fields.uscc.column', before: '"代码"', now: '"统一代码"' },
    { path: 'fields.uscc.normal[0]', before: '"trim"', now: null },
  ])
  assert.deepEqual(changesOf(file, fileOf(parts)), [])
})

test('whatever is changed in a kept confirmation, it does not count', async () => {
  const at = folder()
  await confirmMapping(at, file, confirming)
  const place = join(at, 'mappings', 'firms.json')
  const kept = fs.readFileSync(place, 'utf8')
  const changes: readonly (readonly [string, string])[] = [
    ['"代码"', '"别的"'],
    ['"load":"firms"', '"load":"firma"'],
    [first, second],
    ['"salt":"', '"salt":"A'],
    ['"sig":"', '"sig":"A'],
    ['"approvals":[', '"approvals":[null,'],
    ['"file":{', '"fil":{'],
    ['"salt":', '"sal":'],
    ['"statement":{', '"statements":{'],
    ['"steward":"market"', '"steward":"tax"'],
    ['{', ''],
  ]
  for (const [before, now] of changes) {
    fs.writeFileSync(place, kept.replace(before, now))
    const standing = standingOf(at, file, { ledger, registry })
    assert.notEqual(codeOf(standing), 'confirmed', before)
    assert.match(codeOf(standing), /^(?:node|validate|command)\//, before)
  }
  fs.writeFileSync(place, kept)
  assert.equal(codeOf(standingOf(at, file, { ledger, registry })), 'confirmed')
})

test('another department’s officer, and one without the post of steward, confirm nothing', async () => {
  const foreign: Signing = ({ intent, shown }) => {
    return others.approve({ posts: [], kids: others.kids, intent, shown })
  }
  const refused = await confirmMapping(folder(), file, { ...confirming, sign: foreign })
  assert.equal(isRefusal(refused) && refused.code, 'validate/approval-unknown-key')
  const { view, height } = registry
  const officer = officers.enrolled[1]?.officer ?? ''
  const posted: Registry = {
    height,
    view: {
      get: (key) => {
        const record = view.get(key)
        if (key !== memberKey('market')) return record
        return { ...(record as object), posts: { steward: [officer] } }
      },
    },
  }
  const clerk = await confirmMapping(folder(), file, { ...confirming, registry: posted })
  assert.equal(isRefusal(clerk) && clerk.code, 'node/no-steward-post')
  const steward = { ...confirming, kid: second, registry: posted }
  assert.ok(!isRefusal(await confirmMapping(folder(), file, steward)))
})

test('two officers sign one difference; the same key twice, and another difference, are refused', async () => {
  const of = { ledger, member: 'market', sign, registry, kept: null }
  const looked = await lookedAt(difference, { ...of, kids: [first, second] })
  assert.ok(looked !== null && !isRefusal(looked))
  assert.deepEqual(
    looked.signed.approvals.map(({ kid }) => kid),
    [first, second],
  )
  assert.deepEqual([looked.by, looked.second], [first, second])
  const twice = await lookedAt(difference, { ...of, kids: [first, first] })
  assert.ok(isRefusal(twice))
  const [copy] = looked.signed.approvals
  assert.ok(copy)
  const doubled = signersOf({ ...looked.signed, approvals: [copy, copy] }, registry)
  assert.equal(isRefusal(doubled) && doubled.code, 'validate/same-officer')
  assert.equal(await lookedAt(difference, { ...of, kids: [] }), null)
  for (const member of ['content', 'mapping', 'schema'] as const) {
    const statement = { ...looked.signed.statement, [member]: 'x' }
    const other: Signed = { ...looked.signed, statement }
    const signers = signersOf(other, registry)
    assert.equal(isRefusal(signers) && signers.code, 'validate/approval-other-challenge', member)
  }
})

test('what the first officer signed is kept for this difference and for no other', async () => {
  const of = { ledger, member: 'market', sign, registry }
  const one = await lookedAt(difference, { ...of, kids: [first], kept: null })
  assert.ok(one !== null && !isRefusal(one))
  assert.deepEqual([one.by, one.second], [first, null])
  const kept = one.signed
  const two = await lookedAt(difference, { ...of, kids: [second], kept })
  assert.ok(two !== null && !isRefusal(two))
  assert.deepEqual([two.by, two.second], [first, second])
  assert.equal(two.signed.salt, kept.salt)
  const again = await lookedAt(difference, { ...of, kids: [first], kept })
  assert.ok(again !== null && !isRefusal(again))
  assert.deepEqual([again.by, again.second], [first, null])
  for (const other of [{ content: 'x' }, { earlier: 2 }, { added: 2 }]) {
    const moved = await lookedAt({ ...difference, ...other }, { ...of, kids: [second], kept })
    assert.ok(moved !== null && !isRefusal(moved))
    assert.deepEqual([moved.by, moved.second], [second, null])
  }
  const [approval] = kept.approvals
  assert.ok(approval)
  const forged = { ...kept, approvals: [{ ...approval, kid: officers.kids[2] ?? '' }] }
  const alone = await lookedAt(difference, { ...of, kids: [second], kept: forged })
  assert.ok(alone !== null && !isRefusal(alone))
  assert.deepEqual([alone.by, alone.second], [second, null])
})

test('what an officer signed for one department is nothing in another', async () => {
  const statement = {
    format: 'lianban/mapping-confirmation/1',
    ledger,
    member: 'tax',
    load: 'firms',
    mapping: 'm',
  } as const
  const signed = await signStatement(statement, [first], sign)
  assert.ok(isRefusal(signersOf(signed, practiceRegistry('tax', others))))
})

test('an officer is named by department and place, by place, or by a key, and never half', () => {
  assert.deepEqual(officerNames('market', officers.kids), ['market-1', 'market-2', 'market-3'])
  for (const word of ['market-2', '2', second, second.slice(0, 12)]) {
    assert.equal(officerNamed(word, 'market', officers.kids), second)
  }
  for (const word of ['', '0', '4', 'tax-1', second.slice(0, 3), '甲']) {
    assert.equal(officerNamed(word, 'market', officers.kids), null, word)
  }
})

test('every code of the room has its line in the page of codes', () => {
  const page = fs.readFileSync(
    new URL('../../../../docs/protocol/codes.md', import.meta.url),
    'utf8',
  )
  for (const [code, meaning] of stewardCodes) {
    assert.ok(page.includes(`| \`${code}\` | ${meaning} |`), code)
  }
})
