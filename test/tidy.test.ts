// The house rules, run over the tree as it stands. A failure says which file, which line and why.
// Exceptions are named in test/tidy/table.ts and fail here when nothing needs them any more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge, rules } from './tidy/rules.ts'
import { exceptions, limits } from './tidy/table.ts'
import { historyOf, readTree } from './tidy/tree.ts'

const root = new URL('..', import.meta.url).pathname
const tree = readTree(root)

for (const rule of rules) {
  test(rule.claim, () => {
    const { offences, unneeded } = judge(rule, tree)
    none(`rule "${rule.name}" is broken`, offences)
    none(`rule "${rule.name}" has exceptions that nothing needs`, unneeded)
  })
}

test('every exception belongs to a rule', () => {
  const names = rules.map(({ name }) => name)
  const strays = Object.keys(exceptions).filter((name) => !names.includes(name))
  none('exceptions of no rule', strays)
})

const history = historyOf(root)

test(
  'nothing large has ever entered the history',
  { skip: history === null && 'no history' },
  () => {
    const large = (history ?? []).filter(({ bytes }) => bytes > limits.blobBytes)
    none(
      `blobs over ${limits.blobBytes} bytes`,
      large.map(({ path }) => path),
    )
  },
)

function none(claim: string, found: readonly string[]): void {
  assert.ok(found.length === 0, `${claim}:\n  ${found.join('\n  ')}`)
}
