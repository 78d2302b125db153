// Claims about command lines: what is understood, what is refused and with which hint.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Stop, Terminal, text } from '#apps/cli/output'
import { completionScript, nearestOf, overview, parse, usageLines, verbOf } from '#apps/cli/command'
import type { Verb } from '#apps/cli/command'

const words = text('说明', 'about')
const noop: Verb['run'] = () => Promise.resolve({ data: {}, lines: [] })
const verbs: readonly Verb[] = [
  { words: ['verify'], about: words, operands: [{ name: 'FILE', about: words }], run: noop },
  {
    words: ['ledger', 'verify'],
    about: words,
    options: {
      directory: { kind: 'text', about: words, env: 'LIANBAN_DIRECTORY', required: true },
      from: { kind: 'list', about: words },
      yes: { kind: 'flag', about: words },
    },
    run: noop,
  },
]
const [, ledgerVerify] = verbs as readonly [Verb, Verb]

function refusal(act: () => unknown): Stop {
  try {
    act()
  } catch (error) {
    if (error instanceof Stop) return error
    throw error
  }
  throw new Error('nothing was refused')
}

function code(act: () => unknown): string {
  return refusal(act).code
}

describe('a command line', () => {
  test('is matched by its longest words, after global options', () => {
    assert.equal(verbOf(verbs, ['ledger', 'verify', '--yes']).verb, ledgerVerify)
    const found = verbOf(verbs, ['--lang', 'zh', '--json', 'verify', 'x'])
    assert.deepEqual(found.rest, ['--lang', 'zh', '--json', 'x'])
  })

  test('takes flags before the environment', () => {
    const env = { LIANBAN_DIRECTORY: 'outside' }
    assert.equal(parse(ledgerVerify, [], env).values['directory'], 'outside')
    assert.equal(parse(ledgerVerify, ['--directory', 'd'], env).values['directory'], 'd')
  })

  test('keeps lists and flags apart from texts', () => {
    const given = ['--directory=d', '--from', 'a', '--from=b', '--yes']
    const { lists, flags } = parse(ledgerVerify, given, {})
    assert.deepEqual(lists['from'], ['a', 'b'])
    assert.ok(flags.has('yes'))
  })

  test('is refused by its place when something is unknown, twice, or without its value', () => {
    assert.equal(
      code(() => verbOf(verbs, ['legder', 'verify'])),
      'cli/unknown-command',
    )
    assert.equal(
      code(() => parse(ledgerVerify, ['--directroy', 'd'], {})),
      'cli/unknown-option',
    )
    assert.equal(
      code(() => parse(ledgerVerify, ['-x'], {})),
      'cli/unknown-option',
    )
    const twice = ['--directory', 'a', '--directory', 'b']
    assert.equal(
      code(() => parse(ledgerVerify, twice, {})),
      'cli/bad-value',
    )
    assert.equal(
      code(() => parse(ledgerVerify, ['--directory', '--yes'], {})),
      'cli/bad-value',
    )
    assert.equal(
      code(() => parse(ledgerVerify, ['--directory'], {})),
      'cli/bad-value',
    )
    assert.equal(
      code(() => parse(ledgerVerify, ['--yes=1'], {})),
      'cli/bad-value',
    )
    assert.equal(
      code(() => parse(ledgerVerify, [], {})),
      'cli/missing-option',
    )
    assert.equal(
      code(() => parse(verbs[0] as Verb, [], {})),
      'cli/missing-operand',
    )
    assert.equal(
      code(() => parse(verbs[0] as Verb, ['a', 'b'], {})),
      'cli/too-many-operands',
    )
  })

  test('takes no name of an object for an option', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      assert.equal(
        code(() => parse(ledgerVerify, [`--${name}`, 'd'], {})),
        'cli/unknown-option',
      )
    }
  })

  test('asks for help without being complete', () => {
    assert.ok(parse(ledgerVerify, ['--help'], {}).help)
  })
})

test('the nearest name is one slip away, and far names are not offered', () => {
  const names = ['ledger verify', 'backup create', 'doctor']
  assert.equal(nearestOf('ledger verfiy', names), 'ledger verify')
  assert.equal(nearestOf('docotr', names), 'doctor')
  assert.equal(nearestOf('zzzzzz', names), undefined)
})

test('help and completion name every command and option', () => {
  const terminal = new Terminal({ language: 'en', json: false, quiet: false, verbose: false })
  const all = overview(terminal, verbs).join('\n')
  assert.match(all, /ledger verify/)
  assert.match(usageLines(terminal, ledgerVerify).join('\n'), /--from .*\n.*--yes/)
  for (const shell of ['bash', 'zsh'] as const) {
    assert.match(completionScript(verbs, shell), /'ledger verify'\) words='--directory --from/)
  }
})
