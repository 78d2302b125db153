// What the operator is told: one line an event, well-formed figures, and nothing of anybody.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counter, gauge, Histogram } from './figures.ts'
import type { Note } from './log.ts'
import { codeOfFailure, makeLog } from './log.ts'
import { Metrics } from './metrics.ts'

function linesOf(form: 'json' | 'human', from: 'info' | 'warn', notes: readonly Note[]): string[] {
  const lines: string[] = []
  const log = makeLog({ write: (line) => void lines.push(line), form, from, now: () => 0 })
  for (const note of notes) log(note)
  return lines
}

test('an event is one line, whatever stands in it', () => {
  const note: Note = { level: 'warn', event: 'clock-jumped', reason: 'a\nb "c"' }
  for (const form of ['json', 'human'] as const) {
    const [line = ''] = linesOf(form, 'info', [note])
    assert.equal(line.indexOf('\n'), line.length - 1)
  }
  assert.deepEqual(JSON.parse(linesOf('json', 'info', [note])[0] ?? ''), {
    time: '1970-01-01T00:00:00.000Z',
    ...note,
  })
})

test('events below the level are left out', () => {
  const notes: Note[] = [
    { level: 'info', event: 'a' },
    { level: 'error', event: 'b' },
  ]
  assert.equal(linesOf('json', 'warn', notes).length, 1)
})

test('a failure is told by its code and never by its message', () => {
  assert.equal(codeOfFailure(Object.assign(new Error('secret'), { code: 'EIO' })), 'EIO')
  assert.equal(codeOfFailure(new TypeError('secret')), 'TypeError')
  assert.equal(codeOfFailure('secret'), 'unknown')
})

test('a histogram counts into every bucket that holds a value', () => {
  const histogram = new Histogram('h', 'help', [1, 10])
  for (const value of [0.5, 1, 5, 50]) histogram.observe(value)
  assert.equal(
    histogram.text(),
    '# HELP h help\n# TYPE h histogram\n' +
      'h_bucket{le="1"} 2\nh_bucket{le="10"} 3\nh_bucket{le="+Inf"} 4\nh_sum 56.5\nh_count 4\n',
  )
})

test('counters and gauges are written as Prometheus reads them', () => {
  const counter = new Counter('c', 'help', 'code')
  counter.add('a/b')
  counter.add('a/b', 2)
  assert.equal(counter.text(), '# HELP c help\n# TYPE c counter\nc{code="a/b"} 3\n')
  assert.equal(gauge('g', 'help', [{ value: 1 }]), '# HELP g help\n# TYPE g gauge\ng 1\n')
})

test('the figures of a node are well-formed and hold no label of anybody', () => {
  const metrics = new Metrics({ directory: '.', log: () => undefined, now: () => 5000 })
  let told: (head: { size: number }) => void = () => undefined
  metrics.watch({
    ledger: 'ledger.example/x',
    head: () => ({ height: 2, time: 4000, size: 7 }),
    state: () => 'open',
    waiting: () => 3,
    held: () => 'cosigner-knows-more',
    proofs: { checkpoint: () => ({ size: 6 }) },
    subscribe: (listener) => {
      told = listener
      return () => undefined
    },
  })
  told({ size: 9 })
  metrics.asked('commands')
  metrics.refused('validate/expired')
  metrics.committed(2, 3)
  metrics.streams(1)
  metrics.synced(0.3)
  metrics.failed('commands', new Error('secret'))
  const text = metrics.text()
  for (const line of text.trimEnd().split('\n')) {
    assert.match(line, /^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{[^}]*\})? -?[\d.e+]+)$/, line)
  }
  for (const wanted of [
    'lianban_refused_total{code="validate/expired"} 1',
    'lianban_block_entries_bucket{le="4"} 1',
    'lianban_waiting{ledger="ledger.example/x"} 3',
    'lianban_checkpoints_held{ledger="ledger.example/x"} 1',
    'lianban_block_age_ms{ledger="ledger.example/x"} 1000',
    'lianban_state{ledger="ledger.example/x",state="open"} 1',
    'lianban_event_streams 1',
    'lianban_commit_ms_count 1',
    'lianban_fsync_ms_bucket{le="0.5"} 1',
  ]) {
    assert.ok(text.includes(`${wanted}\n`), wanted)
  }
  const labels = new Set([...text.matchAll(/[{,](\w+)="/g)].map(([, label]) => label))
  assert.deepEqual(labels, new Set(['route', 'code', 'le', 'ledger', 'state']))
  assert.ok(!text.includes('secret'))
})
