// What is published and attested after a load: the mapping by its hash, and a large difference with
// the approvals of the two officers who have looked at it.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8Encode } from '#base/bytes'
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import { openText } from '#adapters/sources'
import { catalogueItemOf } from '#domains/sharing'
import { memberLayout } from '#apps/node/city'
import { decodeLoadFile, isLoadFile, loadAll, loadFileHash } from '#apps/node/loading'
import type { LoadOptions, LoadResult } from '#apps/node/loading'
import type { Difference, Signed } from '#apps/node/stewards'
import { lookedAt, shownOf } from '#apps/node/stewards'
import { officeOf } from '#apps/cli/steward'
import { openCityWorld } from '#test/city-world'
import { inSystem } from '#test/transfer-world'
import { attestAll, waitingBefore } from './attest.ts'

const parts = {
  format: 'lianban/load/1',
  name: 'list',
  zh: '名单',
  en: 'a list',
  steward: 'market',
  file: 'list.csv',
  source: { name: '练习', terms: { zh: '虚构', en: 'made up' } },
  fields: { uscc: { column: '代码', as: 'uscc' } },
  key: ['uscc'],
  tables: [{ member: 'market', table: 'own', identify: ['uscc'], columns: { uscc: 'uscc' } }],
}

test('the ledger says which mapping counts and which officers have accepted a large difference', async () => {
  const world = await openCityWorld({ officers: true })
  try {
    const { city } = world
    const { directory } = city
    const file = decodeLoadFile(parts as unknown as Json)
    assert.ok(isLoadFile(file))
    const port = city.member('market').port
    const load = async (
      lines: readonly string[],
      looked?: NonNullable<LoadOptions['looked']>,
    ): Promise<LoadResult> => {
      const path = join(directory, file.file)
      fs.writeFileSync(path, `名称,代码\n${lines.join('\n')}\n`)
      const [result] = await loadAll([file], {
        directory,
        sourceOf: () => openText(path, {}),
        pathOf: (member) => memberLayout(directory, member, false).source,
        now: world.clock.wallMs(),
        most: 5,
        ...(looked === undefined ? {} : { looked }),
      })
      assert.ok(result !== undefined)
      return result
    }
    const asOf = (): number => world.clock.wallMs()
    const began = await load(['甲,11110000000021135M', '乙,11110000000021039C'])
    const [told] = await attestAll(city, [began], { asOf, waiting: new Map() })
    assert.equal(told?.state, 'green')
    const item = catalogueItemOf(port.view(), 'market', 'loaded.list')
    const document = Buffer.from(port.document(item?.document ?? '') ?? []).toString()
    const { resource } = JSON.parse(document) as { readonly resource: { readonly mapping: string } }
    assert.equal(resource.mapping, loadFileHash(file))
    const office = officeOf(directory, city, 'market')
    assert.ok(office !== null)
    const [by = '', second = ''] = office.kids
    const { sign, registry } = office
    const of = { ledger: port.ledger, member: 'market', sign, registry }
    const looked = await load(['甲,11110000000021135M'], async (_, seen: Difference) => {
      const found = await lookedAt(seen, { ...of, kids: [by, second], kept: null })
      assert.ok(found !== null && 'signed' in found)
      return { by, second, signed: found.signed as unknown as Json }
    })
    assert.equal(looked.state, 'loaded')
    const [accepted] = await attestAll(city, [looked], { asOf, waiting: new Map() })
    assert.equal(accepted?.state, 'green')
    // The signed payload of the entry's command (RFC 7515 §7.1).
    const [, payload = ''] = city.node.host.entry(accepted.entry ?? -1).split('.')
    const signed = Buffer.from(payload, 'base64url').toString()
    const shown = shownOf(looked.look?.signed as unknown as Signed)
    const seen = sha256Text(utf8Encode(encodeCanonical(shown)), 'base64url')
    for (const kid of [by, second]) assert.ok(signed.includes(`"kid":"${kid}"`))
    assert.equal(signed.split(seen).length - 1, 2)
  } finally {
    await world.close()
  }
})

test('a load does not answer for what somebody else has changed in the table before it', async () => {
  const world = await openCityWorld({ officers: true })
  try {
    const { city } = world
    const { directory } = city
    const file = decodeLoadFile({
      ...parts,
      fields: { ...parts.fields, name: { column: '名称', as: 'text' } },
      tables: [
        {
          member: 'market',
          table: 'gs_enterprise',
          identify: ['uscc'],
          columns: { uscc: 'uscc', name: 'name' },
        },
      ],
    } as unknown as Json)
    assert.ok(isLoadFile(file))
    const { refresh } = city.member('market')
    await refresh.scan({ atOnce: true })
    inSystem(city, 'market', "UPDATE gs_enterprise SET name = name || '，改'")
    const waiting = await waitingBefore(directory, city, [file])
    assert.deepEqual(
      [...waiting].map(([member, tables]) => [member, ...tables]),
      [['market', 'gs_enterprise']],
    )
    const path = join(directory, file.file)
    fs.writeFileSync(path, '名称,代码\n甲,11110000000021135M\n')
    const results = await loadAll([file], {
      directory,
      sourceOf: () => openText(path, {}),
      pathOf: (member) => memberLayout(directory, member, false).source,
      now: world.clock.wallMs(),
      most: 5,
    })
    const asOf = (): number => world.clock.wallMs()
    await attestAll(city, results, { asOf, waiting })
    const stateNow = async (): Promise<unknown> => {
      const states = await refresh.scan({ atOnce: true })
      return states.find(({ table }) => table === 'gs_enterprise')?.state
    }
    assert.equal(await stateNow(), 'waits')
    inSystem(city, 'market', "UPDATE gs_enterprise SET name = replace(name, '，改', '')")
    await attestAll(city, results, { asOf, waiting: new Map() })
    assert.equal(await stateNow(), 'green', 'for its own rows it answers')
  } finally {
    await world.close()
  }
})
