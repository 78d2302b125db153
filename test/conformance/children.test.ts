// The practice city with a process for the ledger and one for each sector: a home changes hands,
// and a member that is killed in the middle, or a ledger that is, says nothing twice.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { caseOf } from '#domains/processes'
import { signedIntentOf } from '#ledger/read'
import type { Supervisor } from '#apps/node/children'
import { superviseCity } from '#apps/node/children'
import { readPack } from '#apps/node/city'
import { openRemoteLedger } from '#apps/node/ledger-copy'
import type { RemoteLedger } from '#apps/node/ledger-copy'
import { openLedgerPort } from '#apps/node/ledger-port'
import type { Sale } from '#apps/node/residents'
import { drawPopulation } from '#apps/node/residents'
import { domains } from '#apps/node/serve'
import { costly } from '#test/costly'
import { countersOver, PlainSale } from '#test/plain-sale'
import { seededKeyStore } from '#test/seeded-keys'

const skip = costly(40)
const root = mkdtempSync(join(tmpdir(), 'lianban-children-'))
const directory = join(root, 'city')
const notes: object[] = []
let supervisor: Supervisor
let copy: RemoteLedger

const pack = readPack('beijing')
const sectors = pack.members.flatMap(({ code, sector }) => (sector === undefined ? [] : [code]))

before(async () => {
  if (skip !== false) return
  supervisor = await superviseCity({
    directory,
    listenPort: 0,
    membersPort: 0,
    sales: 1,
    members: sectors,
    settings: ['--verify-threads', '0'],
    log: (note) => void notes.push(note),
  })
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

function plain(): Sale {
  const banks = pack.members.flatMap(({ code, class: of }) => (of === 'bank' ? [code] : []))
  const [sale] = drawPopulation({ seed: 'beijing', sales: 1, banks }).plain
  assert.ok(sale !== undefined)
  return sale
}

/** How often each act of a case stands on the ledger with code ok. */
function actsOf(id: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const port = openLedgerPort({ host: copy, keys: seededKeyStore('nobody'), member: 'planning' })
  for (let index = 0; index < copy.head().size; index += 1) {
    const text = copy.entry(index)
    if (port.entry(index).code !== 'ok') continue
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

test(
  'members and the ledger are killed, a home changes hands, and each act is there once',
  {
    skip,
  },
  async () => {
    const sale = await PlainSale.file(countersOver(supervisor), plain())
    supervisor.member('tax').kill()
    await sale.sign(today())
    supervisor.member('housing').kill()
    supervisor.killLedger()
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
    assert.deepEqual(
      sectors.map((code) => supervisor.member(code).lives),
      sectors.map((code) => (code === 'tax' || code === 'housing' ? 2 : 1)),
    )
    assert.equal(new Set(supervisor.pids.values()).size, sectors.length + 1)
  },
)
