// Claims about the tags of reads: the subject tag comes with the answer, and the reader's own tag
// stands on the ledger after, under the next number of its seed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { base64urlDecode, base64urlEncode } from '#base/bytes'
import { useSeed, useTag } from '#base/commitment'
import { monthOf, monthsAround, permitOf, useKey } from '#domains/sharing'
import type { Gateway } from '#apps/node/gateway'
import { GatewayWorld } from '#test/gateway-world'
import { idOf } from '#test/sharing-world'
import { monthKey } from './records.ts'

let world: GatewayWorld
const id = idOf('tagged')

before(async () => {
  world = new GatewayWorld()
  for (const member of ['market', 'tax', 'window', 'icbc'] as const) await world.gateway(member)
  world.file(id)
})
after(() => world.close())

function bank(): Gateway {
  return world.gateways.get('icbc')!
}

/** The permits to which the first tags of the bank’s seed lead, to the first without one. */
async function walk(): Promise<readonly number[]> {
  const port = world.port('icbc')
  const at = port.head().time
  const month = monthOf(at)
  const of = { role: 'reader', month, fresh: () => new Uint8Array(32), at } as const
  const key = await monthKey(world.vault('icbc'), port, of)
  const [slot] = world.content.records.get(`window ${id} applicant`)!
  const tag = slot!.leaves.find(({ path }) => path === 'tag')?.value
  const seed = useSeed(key, base64urlDecode(tag as string)!)
  const found: number[] = []
  for (let n = 1; ; n += 1) {
    const use = base64urlEncode(useTag(seed, n))
    const values = monthsAround(month).map((map) => port.view().get(useKey(map, use)))
    const value = values.find((each) => each !== undefined)
    if (value === undefined) return found
    found.push((value as [number, number])[1])
  }
}

test('reads that could not be tagged are tagged once the host has shown the subject tag', async () => {
  const permits: number[] = []
  for (let n = 0; n < 3; n += 1) {
    const { entry, permit } = await world.permit(id)
    assert.deepEqual(permit.untagged, ['applicant'])
    assert.ok(permit.owners['window']?.includes('applicant'))
    const shown = await bank().ask({ permit: entry, owner: 'window', names: ['request'] })
    assert.ok('records' in shown)
    assert.ok('applicant' in shown.records, 'the slot comes with what is asked of its host')
    const paths = shown.records['applicant']?.[0]?.openings.map(({ path }) => path)
    assert.deepEqual(
      paths?.filter((path) => path !== 'code' && path !== 'name'),
      ['$', 'tag'],
    )
    permits.push(entry)
  }
  await bank().flush()
  for (const entry of permits) {
    assert.deepEqual(permitOf(world.port('icbc').view(), entry)?.untagged, [])
  }
  assert.deepEqual(await walk(), permits)
})

test('a reader that knows the subject tag gives its own with the request, and no number twice', async () => {
  const tags = await bank().tags(id, ['applicant', 'legalRep'])
  assert.deepEqual(Object.keys(tags), ['applicant'])
  const given = await world.permit(id, { act: 'open', tags })
  assert.deepEqual(given.permit.untagged, [])
  assert.ok(!(given.permit.owners['window'] ?? []).includes('applicant'))
  const next = await bank().tags(id, ['applicant'])
  assert.notEqual(next['applicant'], tags['applicant'])
  assert.equal((await walk()).at(-1), given.entry)
})

test('a second life of the reader finds what the first left untagged, and counts on', async () => {
  const { entry } = await world.permit(id)
  await bank().ask({ permit: entry, owner: 'window', names: ['request'] })
  const again = await world.gateway('icbc')
  await again.flush()
  assert.deepEqual(permitOf(world.port('icbc').view(), entry)?.untagged, [])
  assert.equal((await walk()).at(-1), entry)
})

test('one round tags every read that it can, however many there are', async () => {
  const given = await Promise.all(Array.from({ length: 70 }, () => world.permit(id)))
  await Promise.all(
    given.map(({ entry }) => bank().ask({ permit: entry, owner: 'window', names: ['request'] })),
  )
  await bank().flush()
  const view = world.port('icbc').view()
  const untagged = given.filter(({ entry }) => permitOf(view, entry)?.untagged.length !== 0)
  assert.equal(untagged.length, 0)
})
