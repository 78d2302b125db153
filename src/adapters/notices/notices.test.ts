// The contract of carriers, over a folder and a service: a notice is sent once, whole, and what
// became of it is told.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Carrier, Notice, Progress } from '#adapters/notices'
import { openFolderCarrier, openServiceCarrier } from '#adapters/notices'

const notice: Notice = {
  id: 'AAAAAAAAAAAAAAAAAAAAAA',
  channel: 'post',
  to: '练习街1号\n101室 练卖方',
  subject: '登记结果',
  text: '不动产登记已完成。\nYour title is registered.',
}
const another = { ...notice, text: '另一封信' }

type World = {
  readonly carrier: Carrier
  readonly carried: () => readonly string[]
  readonly became: (progress: Progress | 'nonsense') => void
  readonly fail: () => void
  readonly end: () => void
}

function folderWorld(): World {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-notices-'))
  return {
    carrier: openFolderCarrier(folder, 'post'),
    carried: () => {
      const names = readdirSync(folder).filter((name) => name.endsWith('.notice'))
      for (const name of names) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600)
      return names.map((name) => readFileSync(join(folder, name), 'utf8'))
    },
    became: (progress) => {
      writeFileSync(join(folder, `${notice.id}.${progress}`), '')
    },
    fail: () => {
      rmSync(folder, { recursive: true })
    },
    end: () => {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function serviceWorld(): World {
  const taken = new Map<string, { text: string; progress: string }>()
  let gone = false
  const carrier = openServiceCarrier('post', async ({ method, path, body }) => {
    if (gone) throw new Error('connection refused')
    const stands = taken.get(path)
    if (method === 'GET') {
      return stands === undefined
        ? { status: 404, body: null }
        : { status: 200, body: { progress: stands.progress, at: 1000 } }
    }
    const text = JSON.stringify(body)
    if (stands !== undefined) return { status: stands.text === text ? 204 : 409, body: null }
    taken.set(path, { text, progress: 'queued' })
    return { status: 201, body: null }
  })
  return {
    carrier,
    carried: () => [...taken.values()].map(({ text }) => text),
    became: (progress) => {
      for (const stands of taken.values()) stands.progress = progress
    },
    fail: () => {
      gone = true
    },
    end: () => undefined,
  }
}

for (const [name, open] of [
  ['a folder', folderWorld],
  ['a service', serviceWorld],
] as const) {
  test(`${name} carries a notice once, however often it is sent`, async () => {
    const { carrier, carried, end } = open()
    await Promise.all([carrier.send(notice), carrier.send(notice), carrier.send(notice)])
    await carrier.send(notice)
    assert.equal(carried().length, 1)
    assert.match(carried()[0] ?? '', /登记结果[^]*不动产登记已完成/)
    await assert.rejects(carrier.send(another), { code: 'notices/other-notice' })
    end()
  })
  test(`${name} tells how far a notice has come`, async () => {
    const { carrier, became, end } = open()
    assert.deepEqual(await carrier.standing(notice.id), { progress: 'unknown' })
    await carrier.send(notice)
    assert.equal((await carrier.standing(notice.id)).progress, 'queued')
    for (const progress of ['handed', 'served'] as const) {
      became(progress)
      const stands = await carrier.standing(notice.id)
      assert.equal(stands.progress, progress)
      assert.ok(Number.isSafeInteger(stands.at))
    }
    end()
  })
  test(`${name} refuses what it cannot carry`, async () => {
    const { carrier, carried, end } = open()
    const bad = [{ id: '../etc' }, { to: '' }, { text: 'x'.repeat(20_000) }, { channel: 'portal' }]
    for (const part of bad) {
      const sent = carrier.send({ ...notice, ...part } as Notice)
      await assert.rejects(sent, { code: 'notices/bad-notice' })
    }
    assert.equal(carried().length, 0)
    end()
  })
  test(`${name} that is gone is unavailable`, async () => {
    const { carrier, fail } = open()
    fail()
    await assert.rejects(carrier.send(notice), { code: 'notices/unavailable' })
  })
}

test('a service that says what has no meaning is not believed', async () => {
  const { carrier, became } = serviceWorld()
  await carrier.send(notice)
  became('nonsense')
  await assert.rejects(carrier.standing(notice.id), { code: 'notices/bad-answer' })
})

test('a letter cannot forge the line above it', async () => {
  const { carrier, carried, end } = folderWorld()
  await carrier.send(notice)
  assert.equal(carried()[0]?.split('\n')[1], 'Subject: 登记结果')
  end()
})
