// Views: what is derived from the shipped applications, by hand from their reads.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '#base/canonical'
import type { Blueprint, TextPack } from '#blueprint/grammar'
import { decodeTextPack, isSubject } from '#blueprint/grammar'
import { applications, shippedFolder, shippedJson, shippedTypes, sound } from '#test/blueprints'
import { accessOf, checklistOf, criticalPathOf, figuresOf, formOf, inboxOf } from './index.ts'
import { missingNotice, pictureOf, refusalLetter, savingOf, seenBy, sourceOf } from './index.ts'
import type { Source } from './index.ts'

const home = 'processes/bj.home.transfer'
const account = 'sharing/bj.firm.account'

function shipped(application: string): Source {
  return sourceOf(shippedFolder(application).blueprint, shippedTypes())
}

function packOf(application: string, language: 'en' | 'zh'): TextPack {
  const { blueprint } = shippedFolder(application)
  return sound(decodeTextPack(shippedJson(`${application}/text/${language}.json`), blueprint))
}

const names = (list: readonly { readonly item: string }[]): string[] => list.map(({ item }) => item)

test('people are asked for two items of a home transfer and registers for the rest', () => {
  const { asked, fetched, savedPercent } = checklistOf(shipped(home).blueprint)
  assert.deepEqual(names(asked), ['offer', 'plan'])
  assert.deepEqual(names(fetched), [
    'holdings',
    'hukou',
    'liens',
    'mandate',
    'marriage',
    'taxYears',
    'title',
  ])
  assert.equal(savedPercent, 77)
  assert.equal(fetched.find(({ item }) => item === 'marriage')?.fallback, 'pledge')
})

test('a bank sees exactly its read list and nothing before the consent', () => {
  const source = shipped(account)
  assert.deepEqual(
    [...seenBy(source, 'bank')],
    [
      ['licence', ['days', 'legalRep', 'name', 'status', 'uscc']],
      ['repId', ['match']],
      ['request', ['bank', 'purpose']],
      ['risk', ['grade']],
      ['taxFile', ['no']],
    ],
  )
  const rows = accessOf(source).filter(({ party, kind }) => party === 'bank' && kind === 'act')
  assert.ok(rows.every(({ consent }) => consent === 'consent'))
  // What is read under a consent waits for the act that gives it.
  for (const act of ['grade', 'open']) {
    assert.ok(source.graph.before.get(act)?.includes('agree') === true, act)
  }
})

test('the matrix shows utilities an address and an owner, and no sum of money', () => {
  const source = shipped(home)
  for (const utility of ['cable', 'gas', 'power']) {
    assert.deepEqual([...seenBy(source, utility)], [['newTitle', ['address', 'owners']]])
  }
})

test('the matrix is the whole of the reads: every row is one, and every read has its row', () => {
  for (const application of applications) {
    const source = shipped(application)
    const rows = accessOf(source).filter(({ kind }) => kind === 'act')
    const reads = source.graph.acts.flatMap((act) =>
      [source.blueprint.acts[act]?.by ?? []]
        .flat()
        .flatMap((party) =>
          (source.graph.reads.get(act) ?? []).map(({ item }) => `${party} ${act} ${item}`),
        ),
    )
    const shown = rows.map((row) => `${row.party} ${row.for} ${row.item}`)
    assert.deepEqual(shown.toSorted(), reads.toSorted())
    for (const row of rows) assert.ok(row.fields.length > 0)
  }
})

test('a sealed field is in no row of the matrix', () => {
  const rows = accessOf(shipped(home)).filter(({ item }) => item === 'taxYears')
  assert.deepEqual(
    rows.map(({ party, fields }) => `${party} ${fields.join()}`),
    ['housing five'],
  )
})

test('registers see the keys by which they look up, and only those', () => {
  const lookups = accessOf(shipped(home)).filter(({ kind }) => kind === 'lookup')
  const police = lookups.filter(({ party }) => party === 'police')
  assert.deepEqual(
    police.map(({ item, fields, for: of }) => `${of}: ${item}.{${fields.join()}}`),
    ['hukou: buyer.{code,name}'],
  )
})

test('the critical path runs over the fund, and the least one does not', () => {
  const source = shipped(home)
  assert.deepEqual(criticalPathOf(source), {
    chain: ['checkBuyer', 'lend', 'register'],
    takes: { wd: 12 },
    inSequence: { wd: 21 },
  })
  const least = criticalPathOf(source, true)
  assert.deepEqual(least.takes, { wd: 3 })
  assert.deepEqual(least.chain, ['checkBuyer', 'assess', 'register'])
})

test('a seller without a phone comes once, and hands in no sheet', () => {
  const figures = figuresOf(shipped(home))
  assert.equal(figures.tripsAtCounter, 1)
  assert.equal(figures.tripsOnline, 0)
  assert.equal(figures.sheets, 0)
  // Unit code, price and way, plan, three of the contract, two of the receipt.
  assert.equal(figures.fields, 9)
})

test('work by hand between two acts of a person costs a second visit', () => {
  const { blueprint } = shippedFolder(home)
  const { auto: _, ...byHand } = blueprint.acts['checkBuyer'] ?? {}
  const acts = { ...blueprint.acts, checkBuyer: byHand } as Blueprint['acts']
  const figures = figuresOf(sourceOf({ ...blueprint, acts }, shippedTypes()))
  assert.equal(figures.tripsAtCounter, 2)
})

test('without a source of the baseline no saving is computed', () => {
  const { blueprint } = shippedFolder(home)
  assert.deepEqual(savingOf(shipped(home)), { baseline: false })
  const types = shippedTypes()
  const counted = { sheets: 23, trips: 5, minutes: 300 }
  const unsourced = savingOf(sourceOf({ ...blueprint, baseline: counted }, types))
  assert.deepEqual(unsourced, { baseline: false })
  const baseline = { ...counted, source: 'a list of materials with its date' }
  assert.deepEqual(savingOf(sourceOf({ ...blueprint, baseline }, types)), {
    baseline: true,
    source: baseline.source,
    rows: [
      { what: 'minutes', before: 300, after: null },
      { what: 'sheets', before: 23, after: 0 },
      { what: 'trips', before: 5, after: 1 },
    ],
  })
})

test('a form types in what the act gives and shows what it reads', () => {
  const form = formOf(shipped(home), 'sign')
  assert.deepEqual(
    form.pages.map(({ item, fields }) => `${item} ${fields.map(({ id }) => id).join()}`),
    ['contract fen,payee,signed'],
  )
  assert.deepEqual(
    form.shown.map(({ item, fields }) => `${item}.{${fields.join()}}`),
    ['mayBuy.{ok}', 'offer.{fen,way}', 'title.{address,area,certNo}', 'plan.{fundLoan}'],
  )
  assert.equal(formOf(shipped(home), 'assess').computed, true)
  const release = formOf(shipped(home), 'release')
  assert.equal(release.when, 'liens.mortgaged = true and offer.way = "release"')
  assert.deepEqual(release.no, [{ code: 'not-settled', next: 'settle' }])
})

test('an answer that its owner computes is on no form', () => {
  const { blueprint } = shippedFolder(home)
  const evidence = { ...blueprint.evidence, mayBuy: { type: 'tax-years@1', about: 'buyer' } }
  const form = formOf(sourceOf({ ...blueprint, evidence }, shippedTypes()), 'checkBuyer')
  assert.deepEqual(
    form.pages[0]?.fields.map(({ id }) => id),
    ['years'],
  )
})

test('an inbox has the open acts of a party, the earliest due first, until it has signed', () => {
  const { blueprint } = shipped(home)
  const open = [
    { act: 'sign', element: null, dueDay: null, signed: ['buyer'] },
    { act: 'release', element: null, dueDay: 103, signed: [] },
    { act: 'register', element: null, dueDay: 101, signed: [] },
  ]
  assert.deepEqual(inboxOf(blueprint, 'planning', open, 102), [
    { act: 'register', element: null, dueDay: 101, daysLate: 1, waitingFor: [] },
    // It records the act of a bank that must not be seen.
    { act: 'release', element: null, dueDay: 103, daysLate: 0, waitingFor: ['lender'] },
  ])
  assert.deepEqual(inboxOf(blueprint, 'buyer', open, 102), [])
  assert.deepEqual(actsOf(inboxOf(blueprint, 'seller', open, 102)), ['sign'])
  assert.deepEqual(inboxOf(blueprint, 'gas', open, 102), [])
})

function actsOf(lines: readonly { readonly act: string }[]): string[] {
  return lines.map(({ act }) => act)
}

test('every no of every application gives a letter with law, next step and appeal', () => {
  for (const application of applications) {
    const source = shipped(application)
    for (const language of ['zh', 'en'] as const) {
      const pack = packOf(application, language)
      for (const [act, { no, by }] of Object.entries(source.blueprint.acts)) {
        for (const code of Object.keys(no?.codes ?? {})) {
          const letter = refusalLetter(source, pack, act, code)
          assert.equal(letter?.lines.length, 6, `${application} ${act} ${code}`)
          assert.ok(
            letter?.lines.every((line) => !line.endsWith(': ') && !line.includes('undefined')),
          )
        }
        const person = [by].flat().every((name) => {
          const party = source.blueprint.parties[name]
          return party !== undefined && isSubject(party)
        })
        assert.equal(no === undefined, person, `${act} can say no`)
      }
      assert.equal(refusalLetter(source, pack, 'sign', 'no-such-code'), null)
    }
  }
})

test('an article that nobody has read is printed with a question mark', () => {
  const letter = refusalLetter(shipped(home), packOf(home, 'zh'), 'checkBuyer', 'not-eligible')
  assert.ok(letter?.lines.includes('依据: 京政办发〔2011〕8号 [?]'))
  const other = refusalLetter(shipped(home), packOf(home, 'zh'), 'register', 'restricted')
  assert.ok(other?.lines.includes('依据: 不动产登记暂行条例 第二十二条'))
})

test('the notice lists everything that is missing, each once', () => {
  const source = shipped(home)
  const notice = missingNotice(source, packOf(home, 'en'), ['plan', 'offer', 'plan', 'unknown'])
  assert.deepEqual(notice?.lines.slice(1, 4), [
    'Please supply all of the following:',
    '1. Purchase plan',
    '2. Offer to sell',
  ])
  assert.equal(missingNotice(source, packOf(home, 'en'), ['unknown']), null)
})

test('the picture has a lane for each party that acts and a box for each of its acts', () => {
  for (const application of applications) {
    const source = shipped(application)
    const svg = pictureOf(source, packOf(application, 'zh'))
    const boxes = Object.values(source.blueprint.acts).reduce(
      (sum, { by }) => sum + [by].flat().length,
      0,
    )
    assert.equal([...svg.matchAll(/<g>/g)].length, boxes)
    const lanes = new Set(Object.values(source.blueprint.acts).flatMap(({ by }) => [by].flat()))
    assert.equal([...svg.matchAll(/<rect x="0"/g)].length, lanes.size)
    assert.equal(pictureOf(source, packOf(application, 'zh')), svg)
  }
})

test('no text of a pack becomes markup of the picture', () => {
  const json = shippedJson(`${home}/text/en.json`) as { readonly [key: string]: Json }
  const evil = '</text><script>x</script>&"'
  const pack = { ...json, title: evil } as unknown as TextPack
  const acts = { ...pack.acts, sign: evil }
  const svg = pictureOf(shipped(home), { ...pack, acts })
  assert.ok(!svg.includes('<script'))
  assert.ok(svg.includes('&lt;script&gt;'))
})
