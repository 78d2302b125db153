// The practice city with a process for the ledger and one for each member: a home changes hands, and
// a member that is killed in the middle, or a ledger that is, says nothing twice.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { caseOf } from '#domains/processes'
import { signedIntentOf } from '#ledger/read'
import type { Supervisor } from '#apps/node/children'
import { superviseCity } from '#apps/node/children'
import { openRemoteLedger } from '#apps/node/ledger-copy'
import type { RemoteLedger } from '#apps/node/ledger-copy'
import type { Population, Sale } from '#apps/node/residents'
import { drawPopulation } from '#apps/node/residents'
import { domains } from '#apps/node/serve'
import { countersOver, PlainSale } from '#test/plain-sale'

const root = mkdtempSync(join(tmpdir(), 'lianban-children-'))
const directory = join(root, 'city')
const notes: object[] = []
let supervisor: Supervisor
let copy: RemoteLedger
let people: Population

before(async () => {
  supervisor = await superviseCity({
    directory,
    listenPort: 0,
    membersPort: 0,
    sales: 2,
    settings: ['--verify-threads', '0'],
    log: (note) => void notes.push(note),
  })
  const banks = supervisor.pack.members.flatMap(({ code, class: of }) => {
    return of === 'bank' ? [code] : []
  })
  people = drawPopulation({ seed: 'beijing', sales: 2, banks })
  copy = await openRemoteLedger({
    url: supervisor.url,
    ledger: supervisor.ledger,
    proving: { tokenFile: supervisor.tokenFile },
    directory: join(root, 'copy'),
    domains,
  })
})
after(async () => {
  await copy?.close()
  await supervisor?.stop()
  rmSync(root, { recursive: true, force: true })
})

/** The day in China. */
function today(): string {
  return new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
}

function saleOf(at: number): Sale {
  const sale = people.plain[at]
  assert.ok(sale !== undefined)
  return sale
}

/** How often each act of a case stands on the ledger with code ok. */
function actsOf(id: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (let index = 0; index < copy.head().size; index += 1) {
    const text = copy.entry(index)
    if (!text.includes('"k":"ok"') && !text.includes('"ok"')) continue
    const signed = signedIntentOf(text)
    if (signed?.intent.type !== 'case.act') continue
    const { case: of, act, element } = signed.intent.body as { [name: string]: string | number }
    if (of !== id) continue
    const name = `${String(act)} ${String(element ?? '')}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

async function settled(): Promise<void> {
  await supervisor.settle()
  const size = await supervisor.size()
  while (copy.head().size < size) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('a home changes hands with a process for each member', async () => {
  const sale = await PlainSale.file(countersOver(supervisor), saleOf(0))
  await sale.sign(today())
  await sale.pay(1)
  await sale.register(1, today())
  await settled()
  const view = { get: (key: string) => copy.record(key) }
  assert.equal(caseOf(view, sale.id)?.delivered, true)
  const acts = actsOf(sale.id)
  assert.ok(acts.size > 5)
  assert.deepEqual(
    [...acts].filter(([, count]) => count !== 1),
    [],
  )
  assert.equal(new Set(supervisor.pids.values()).size, supervisor.pack.members.length + 1)
})

test('killed in the middle, a member and the ledger go on, and each act is there once', async () => {
  const before = supervisor.member('tax').lives
  const sale = await PlainSale.file(countersOver(supervisor), saleOf(1))
  supervisor.member('tax').kill()
  await sale.sign(today())
  supervisor.member('housing').kill()
  supervisor.killLedger()
  await sale.pay(2)
  await sale.register(2, today())
  await settled()
  const view = { get: (key: string) => copy.record(key) }
  assert.equal(caseOf(view, sale.id)?.delivered, true)
  assert.deepEqual(
    [...actsOf(sale.id)].filter(([, count]) => count !== 1),
    [],
  )
  assert.equal(supervisor.member('tax').lives, before + 1)
})
