// Sources looked at from the terminal: while the city runs elsewhere, which is asked to do it, and
// after it has stopped; in both languages, and never a value of a row.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Ask } from '#apps/cli/command'
import { Terminal } from '#apps/cli/output'
import type { Answer, Language } from '#apps/cli/output'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { inSystem } from '#test/transfer-world'
import { acceptSource, announceChange, scanSources } from './index.ts'

describe('sources at the terminal', () => {
  let world: CityWorld
  before(async () => {
    const begins = Date.now()
    world = await openCityWorld({ officers: true, sales: 1, refreshMs: 30, begins })
  })
  after(async () => {
    await world.city.stop().catch(() => undefined)
    rmSync(world.directory, { recursive: true, force: true })
  })

  const ask = (
    operands: Ask['operands'],
    values: Ask['values'] = {},
    language: Language = 'en',
  ): Ask => ({
    terminal: new Terminal({ language, json: false, quiet: true, verbose: false }),
    operands,
    values: { directory: world.directory, ...values },
    lists: {},
    flags: new Set(),
    env: {},
  })
  const said = ({ lines }: Answer): string => lines.join('\n')
  const source = { MEMBER: 'planning', SOURCE: 'bdc_title' }

  test('a city that runs elsewhere is asked: what it sees, and what a person has to do', async () => {
    const calm = await scanSources(ask({ MEMBER: 'planning' }))
    assert.equal(calm.exit, 0)
    assert.match(said(calm), /planning +bdc_title +\d+ +\d+\/0\/0 +\w{8} +green entry \d+/)
    inSystem(world.city, 'planning', "UPDATE bdc_title SET location = location || '，改'")
    const looked = await scanSources(ask({ MEMBER: 'planning' }))
    assert.equal(looked.exit, 5)
    assert.doesNotMatch(JSON.stringify(looked), /改/)
    const [, seen = ''] =
      /lianban city accept planning bdc_title --seen (\w{8})/.exec(said(looked)) ?? []
    await assert.rejects(acceptSource(ask(source, { seen: 'another1' })), {
      code: 'node/source-other-state',
    })
    await assert.rejects(acceptSource(ask(source, { seen, by: 'planning-9' })), {
      code: 'node/unknown-officer',
    })
    const accepted = await acceptSource(ask(source, { seen, by: 'planning-3' }))
    assert.match(said(accepted), /bdc_title counts as it is now .*entry \d+/)
    assert.equal((await scanSources(ask({ MEMBER: 'planning' }))).exit, 0)
  })

  test('a change is announced until a day that lies ahead, and by whoever has officers', async () => {
    const day = (days: number): string =>
      new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
    const announce = (until: string, of = source): Promise<Answer> =>
      announceChange(ask(of, { until, reason: '换系统' }, 'zh'))
    await assert.rejects(announce('soon'), { code: 'cli/bad-value' })
    await assert.rejects(announce(day(-2)), { code: 'sharing/bad-time' })
    await assert.rejects(announce(day(99)), { code: 'sharing/bad-time' })
    await assert.rejects(announce(day(5), { MEMBER: 'police', SOURCE: 'czrk_person' }), {
      code: 'node/no-officers',
    })
    await assert.rejects(announce(day(5), { MEMBER: 'planning', SOURCE: 'none' }), {
      code: 'node/source-unknown',
    })
    assert.match(said(await announce(day(5))), /已公告：bdc_title/)
  })

  test('a city that has stopped is opened, looked at and closed again', async () => {
    await world.city.stop()
    const all = await scanSources(ask({}, {}, 'zh'))
    assert.match(
      said(all),
      /planning +bdc_title +\d+ +\S+ +\w{8} +变更已公告 至 \d{4}-\d\d-\d\d 条目 \d+/,
    )
    assert.match(said(all), /police +czrk_person .*未编目/)
    await assert.rejects(scanSources(ask({ MEMBER: 'nobody' })), { code: 'cli/bad-value' })
    const nowhere = ask({}, { directory: `${world.directory}/none` })
    await assert.rejects(scanSources(nowhere), { code: 'cli/no-city' })
  })
})
