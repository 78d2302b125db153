// Match tickets at the terminal: what a list says and does not say, how a word is taken, and that a
// city which runs in another process goes on by itself.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { itemOf } from '#domains/processes'
import type { CityWorld } from '#test/city-world'
import { openCityWorld } from '#test/city-world'
import { lianban, lianbanJson } from '#test/lianban'
import { inSystem } from '#test/transfer-world'

const other = '练习更名后有限公司'

describe('a city that runs in another process', () => {
  const directory = fs.mkdtempSync(join(tmpdir(), 'lianban-tickets-'))
  let world: CityWorld
  let id = ''
  before(async () => {
    world = await openCityWorld({ directory, refreshMs: 50, officers: true })
    const { code, name } = world.city.population.applicant
    const put = 'INSERT INTO gs_enterprise SELECT uscc, ?, state, days_open FROM gs_enterprise'
    inSystem(world.city, 'market', `${put} WHERE uscc = ?`, other, code)
    const { desk } = world.city.member('market')
    const app = world.city.applications.find(({ blueprint }) => blueprint.id === 'bj.firm.account')
    const filed = await desk.file({
      blueprint: app?.identity ?? '',
      party: 'applicant',
      person: { code, name },
      identified: { method: 'idp' },
    })
    assert.ok('case' in filed)
    id = filed.case
    await desk.say({ case: id, item: 'request', value: { bank: 'bank-lotus', purpose: 'basic' } })
    await world.city.settle()
  })
  after(async () => {
    await world.close()
    fs.rmSync(directory, { recursive: true })
  })

  const at = ['--directory', directory]
  let ticket = ''
  let row = ''

  test('a list says which rows, and shows codes and names only if that is asked for', () => {
    const { code } = world.city.population.applicant
    const plain = lianban(['city', 'tickets', 'market', ...at])
    assert.equal(plain.exit, 0)
    assert.ok(!plain.out.includes(code) && !plain.out.includes(other))
    const { value } = lianbanJson(['city', 'tickets', '--show', ...at])
    type Said = { id: string; values: readonly { row: string; names: readonly string[] }[] }
    const { open, tickets } = value as unknown as { open: number; tickets: readonly Said[] }
    const [said, ...more] = tickets
    assert.deepEqual([open, said?.values.length, more.length], [1, 2, 0])
    ticket = said?.id ?? ''
    row = said?.values.find(({ names }) => names.includes(other))?.row ?? ''
    assert.ok(plain.out.includes(ticket))
  })

  test('a word that is not whole is refused by its code, with what to do', () => {
    const why = ['--reason', '见变更登记', ...at]
    const say = (...words: string[]): string => lianban(['city', 'ticket', ...words, ...why]).err
    const by = ['--by', '1']
    assert.match(say('market', '000000000000', 'same', ...by), /node\/match-unknown-ticket/)
    assert.match(say('market', ticket, 'same', ...by), /node\/match-no-row.*--current/s)
    // Whoever decides is an officer who is there, and who there is is said.
    const named = say('market', ticket, 'wrong', '--by', '甲')
    assert.match(named, /node\/unknown-officer.*market-1 market-2/s)
    assert.match(say('police', ticket, 'wrong', ...by), /node\/no-officers.*--by/s)
  })

  test('a word in this process is heard in the other one, and what waits goes on', async () => {
    const { port } = world.city.member('market')
    const licence = (): boolean => itemOf(port.view(), id, 'licence')?.available === true
    assert.equal(licence(), false)
    const word = ['--current', row, '--by', 'market-2', '--reason', '见变更登记', ...at]
    const said = lianbanJson(['city', 'ticket', 'market', ticket, 'same', ...word])
    assert.deepEqual([said.exit, said.value['wentOn']], [0, null])
    const { by } = said.value['decision'] as { readonly by: string }
    assert.equal(by, 'market-2')
    world.clock.advance(50)
    for (let left = 50; left > 0 && !licence(); left -= 1) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.equal(licence(), true)
  })
})
