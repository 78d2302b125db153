// Where a city lies: a directory that was mistyped is refused with its place and what to do, and no
// command but the one that loads begins a city in it.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Ask } from '#apps/cli/command'
import { confirmLoadFile } from '#apps/cli/confirm'
import { runCity } from '#apps/cli/loaded'
import { Stop, Terminal } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { acceptSource, announceChange, scanSources } from '#apps/cli/refresh'
import { decideTicket, listTickets } from '#apps/cli/tickets'
import { takeAnswers, writeWorklist } from '#apps/cli/worklist'
import { firms } from '#test/loading-world'
import { openUnlessRunning } from './index.ts'

const folder = fs.mkdtempSync(join(tmpdir(), 'lianban-no-city-'))
after(() => fs.rmSync(folder, { recursive: true }))
const directory = join(folder, 'cty')
const [list, file] = [join(folder, 'list.csv'), join(folder, 'firms.json')]
fs.writeFileSync(list, '编号,答复\n1,yes\n')
fs.writeFileSync(file, JSON.stringify(firms))

type Command = (ask: Ask) => Answer | Promise<Answer>

const commands: readonly (readonly [Command, Ask['operands'], Ask['values']])[] = [
  [writeWorklist, { MEMBER: 'market', ACT: 'a/b', OUT: join(folder, 'out.csv') }, {}],
  [takeAnswers, { MEMBER: 'market', ACT: 'a/b', FILE: list }, {}],
  [listTickets, {}, {}],
  [decideTicket, { MEMBER: 'market', ID: '1', HOW: 'wrong' }, { by: '1', reason: '乙' }],
  [scanSources, {}, {}],
  [announceChange, { MEMBER: 'market', SOURCE: 'x' }, { until: '2099-01-01', reason: '丙' }],
  [acceptSource, { MEMBER: 'market', SOURCE: 'x' }, { seen: 'x' }],
  [runCity, { WHAT: 'accounts' }, {}],
  [confirmLoadFile, { LOADFILE: file }, { as: 'market' }],
]

for (const [command, operands, values] of commands) {
  test(`${command.name} begins no city where none lies`, async () => {
    const terminal = new Terminal({ language: 'en', json: false, quiet: true, verbose: false })
    const more = { lists: {}, flags: new Set<string>(), env: {} }
    const run = async (): Promise<Answer> =>
      command({ terminal, operands, values: { directory, ...values }, ...more })
    await assert.rejects(run(), (error) => {
      assert.ok(error instanceof Stop)
      assert.deepEqual([error.code, error.at], ['cli/no-city', directory])
      return true
    })
    assert.ok(!fs.existsSync(directory))
  })
}

test('of two that begin a city at the same time one does, and the other finds it running', async () => {
  const both = await Promise.all([openUnlessRunning(directory), openUnlessRunning(directory)])
  const [city, ...more] = both.filter((each) => each !== null)
  assert.ok(city !== undefined && more.length === 0)
  await city.stop()
  assert.ok(!fs.existsSync(join(directory, 'lock')))
})
