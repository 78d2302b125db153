// A process that is watched is started again when it ends by itself, after longer waits each time,
// and ends when it is told to.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Child } from './child.ts'
import { MemberChild } from './member-child.ts'

const codeCache = mkdtempSync(join(tmpdir(), 'lianban-child-'))
after(() => rmSync(codeCache, { recursive: true, force: true }))

/** A process that says that it is open, answers questions twice over, and ends when told to. */
const speaking = `
  process.on('message', (order) => {
    if (order.kind === 'stop') process.exit(0)
    if (order.kind !== 'ask') return
    if (order.what === 'flush') process.exit(9)
    process.send({ kind: 'answer', number: order.number, value: order.what + process.pid })
  })
  process.send({ kind: 'opened', address: 'https://127.0.0.1:1', size: 0 })
`

function speaker(reports: string[]): MemberChild {
  return new MemberChild({
    code: 'tax',
    codeCache,
    words: () => ['-e', speaking],
    report: (event, _child, code) => reports.push(`${event} ${code}`),
    opened: () => undefined,
  })
}

test('who ends by itself is started again, and later each time', async () => {
  const at: number[] = []
  const child = new Child({
    name: 'short',
    codeCache,
    words: () => ['-e', 'process.exit(3)'],
    report: (event, name, code) => {
      assert.deepEqual([event, name, code], ['child-ended', 'short', '3'])
      at.push(performance.now())
    },
  })
  child.start()
  while (at.length < 3) await sleep(10)
  await child.stop(() => undefined)
  const [first = 0, second = 0, third = 0] = at
  assert.ok(second - first >= 250)
  assert.ok(third - second >= 500)
  await sleep(100)
  assert.equal(child.pid, 0)
})

test('who asks while a member is away is answered by its next life', async () => {
  const reports: string[] = []
  const member = speaker(reports)
  member.start()
  const before = await member.ask('idle')
  const asked = member.ask('flush')
  await assert.rejects(asked, { message: 'tax: 9' })
  const next = await member.ask('idle')
  assert.notEqual(next, before)
  assert.deepEqual([member.lives, reports], [2, ['child-ended 9']])
  await member.stop()
  await assert.rejects(member.ask('idle'))
  assert.equal(member.pid, 0)
})

test('a member that is killed is a member that ends by itself', async () => {
  const reports: string[] = []
  const member = speaker(reports)
  member.start()
  await member.opened()
  member.kill()
  while (member.lives < 2) await sleep(10)
  assert.deepEqual(reports, ['child-ended SIGKILL'])
  await member.stop()
})
