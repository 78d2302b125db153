// A trust policy is settled while it is read: the C2SP example means what the specification says,
// our own lines are comments to other tools, and every malformed line is named by its number.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { base64Encode, utf8Encode } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import { signerOf } from '#test/proofs'

import { parsePolicy, reachesQuorum, reachesValidators } from './policy.ts'
import type { TrustPolicy } from './policy.ts'

const log = signerOf('ledger.example/city', 'note')
const old = signerOf('ledger.example/city', 'note', 'old')
const ROOT = base64Encode(new Uint8Array(32).fill(5))

function witness(name: string): string {
  return signerOf(`${name}.example`, 'cosignature').vkey
}

function read(text: string): TrustPolicy {
  const policy = parsePolicy(utf8Encode(text))
  if (isRefusal(policy)) throw new Error(`${policy.code} at ${policy.at}`)
  return policy
}

function refusalOf(text: string): string {
  const policy = parsePolicy(utf8Encode(text))
  return isRefusal(policy) ? `${policy.code}@${policy.at ?? ''}` : 'accepted'
}

const EXAMPLE = `log ${log.vkey}

witness X1 ${witness('x1')}
witness X2 ${witness('x2')}
  witness\tX3 ${witness('x3')}   https://x3.example/
group X-witnesses 2 X1 X2 X3

# a comment
witness Y1 ${witness('y1')}
witness Y2 ${witness('y2')}
witness Y3 ${witness('y3')}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`

describe('the example of the specification', () => {
  const policy = read(EXAMPLE)

  test('is read', () => {
    assert.equal(policy.logs.length, 1)
    assert.equal(policy.cosigners.length, 6)
    assert.equal(policy.cosigners[2]!.url, 'https://x3.example/')
    assert.equal(policy.quorum, 'X-and-Y')
  })

  test('is reached exactly by two of X and one of Y', () => {
    const names = ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3']
    for (let set = 0; set < 64; set++) {
      const chosen = names.filter((_, i) => (set >> i) & 1)
      const xs = chosen.filter((name) => name.startsWith('X')).length
      const expected = xs >= 2 && chosen.length > xs
      assert.equal(reachesQuorum(policy, new Set(chosen)), expected, chosen.join())
    }
  })

  test('is not reached by naming a group', () => {
    assert.ok(!reachesQuorum(policy, new Set(['X1'])))
    assert.ok(!reachesQuorum(policy, new Set()))
  })
})

describe('our own lines', () => {
  const text = `log ${log.vkey}
#lianban retired ${old.vkey} 70 ${ROOT}
witness tax ${witness('tax')}
#lianban owner tax tax-office
#lianban validator notary ${witness('notary')} https://notary.example
#lianban validator college ${witness('college')}
#lianban hosted health ${witness('health')}
#lianban validators all notary college
#lianban fresh 600
quorum tax
`
  test('are read', () => {
    const policy = read(text)
    assert.equal(policy.retired[0]!.size, 70)
    assert.deepEqual(
      policy.cosigners.map(({ name, role, owner }) => [name, role, owner]),
      [
        ['tax', 'witness', 'tax-office'],
        ['notary', 'validator', 'notary'],
        ['college', 'validator', 'college'],
        ['health', 'hosted', 'health'],
      ],
    )
    assert.equal(policy.freshSeconds, 600)
    assert.ok(reachesValidators(policy, new Set(['notary', 'college'])))
    assert.ok(!reachesValidators(policy, new Set(['notary'])))
  })

  test('leave a policy that trusts less when another tool skips them as comments', () => {
    const plain = read(text.replaceAll(/^#lianban.*\n/gm, ''))
    const ours = read(text)
    assert.deepEqual(plain.logs, ours.logs)
    assert.equal(plain.retired.length, 0)
    assert.deepEqual(
      plain.cosigners.map(({ name }) => name),
      ['tax'],
    )
    assert.equal(plain.quorum, ours.quorum)
  })

  test('make any validator enough when no threshold is named', () => {
    const policy = read(`#lianban validator a ${witness('a')}\nquorum none\n`)
    assert.ok(reachesValidators(policy, new Set(['a'])))
    assert.ok(!reachesValidators(policy, new Set()))
  })
})

test('quorum none is reached by nobody at all', () => {
  assert.ok(reachesQuorum(read('quorum none\n'), new Set()))
})

test('every malformed line is refused with its number and its code', () => {
  const w = witness('w')
  const v = witness('v')
  const cases: readonly (readonly [string, string])[] = [
    ['', 'prove/policy-quorum@'],
    ['quorum none\nquorum none\n', 'prove/policy-quorum@2'],
    ['quorum w\n', 'prove/policy-quorum@1'],
    ['quorum\n', 'prove/policy-line@1'],
    [`logs ${log.vkey}\n`, 'prove/policy-line@1'],
    ['log\n', 'prove/policy-line@1'],
    [`log ${log.vkey} url more\n`, 'prove/policy-line@1'],
    [`log ${w}\n`, 'prove/policy-key@1'],
    [`\n\nlog ${log.vkey}x\n`, 'prove/policy-key@3'],
    [`log ${log.vkey}\nlog ${log.vkey}\n`, 'prove/policy-duplicate@2'],
    [`witness w ${log.vkey}\n`, 'prove/policy-key@1'],
    [`witness none ${w}\n`, 'prove/policy-name@1'],
    [`witness w ${w}\nwitness w ${v}\n`, 'prove/policy-name@2'],
    [`witness w ${w}\nwitness v ${w}\n`, 'prove/policy-duplicate@2'],
    [`witness w ${w}\n#lianban validator v ${w}\n`, 'prove/policy-duplicate@2'],
    [`witness w ${w}\ngroup g 1 w x\n`, 'prove/policy-name@2'],
    [`witness w ${w}\ngroup g 2 w\n`, 'prove/policy-threshold@2'],
    [`witness w ${w}\ngroup g 0 w\n`, 'prove/policy-threshold@2'],
    [`witness w ${w}\ngroup g 01 w\n`, 'prove/policy-threshold@2'],
    [`witness w ${w}\ngroup g some w\n`, 'prove/policy-threshold@2'],
    [`witness w ${w}\ngroup g 1 w w\n`, 'prove/policy-threshold@2'],
    [`witness w ${w}\ngroup g any\n`, 'prove/policy-line@2'],
    [`witness w ${w}\ngroup w any w\n`, 'prove/policy-name@2'],
    [`witness w ${w}\ngroup g any g\n`, 'prove/policy-name@2'],
    [`witness w ${w}\ngroup g any none\n`, 'prove/policy-name@2'],
    [`witness w ${w}\ngroup g any w\ngroup h any w\n`, 'prove/policy-duplicate@3'],
    [`#lianban hosted h ${w}\nquorum h\n`, 'prove/policy-quorum@2'],
    [`#lianban hosted h ${w}\ngroup g any h\n`, 'prove/policy-name@2'],
    [`#lianban validator v ${w}\nquorum v\n`, 'prove/policy-quorum@2'],
    [`witness w ${w}\n#lianban validators any w\n`, 'prove/policy-name@2'],
    [`#lianban retired ${log.vkey} 1\n`, 'prove/policy-line@1'],
    [`#lianban retired ${log.vkey} x ${ROOT}\n`, 'prove/policy-number@1'],
    [`#lianban retired ${log.vkey} 1 ${ROOT}=\n`, 'prove/policy-number@1'],
    [`log ${log.vkey}\n#lianban retired ${log.vkey} 1 ${ROOT}\n`, 'prove/policy-duplicate@2'],
    ['#lianban owner x y\n', 'prove/policy-name@1'],
    ['#lianban fresh -1\n', 'prove/policy-number@1'],
    ['#lianban fresh 3155760001\n', 'prove/policy-number@1'],
    ['#lianban fresh 1\n#lianban fresh 1\n', 'prove/policy-duplicate@2'],
    ['#lianban\n', 'prove/policy-line@1'],
    ['#lianban trust everyone\n', 'prove/policy-line@1'],
    ['quorum none\r\n', 'prove/policy-bytes@'],
    ['quorum none\u0000\n', 'prove/policy-bytes@'],
    ['#'.repeat(70_000), 'prove/policy-bytes@'],
  ]
  for (const [text, expected] of cases) assert.equal(refusalOf(text), expected, text)
  const invalid = parsePolicy(Uint8Array.of(0x23, 0xff, 0x0a))
  assert.ok(isRefusal(invalid) && invalid.code === 'prove/policy-bytes')
})

test('any bytes are a policy or a refusal, never an exception', () => {
  const word = fc.constantFrom(
    'log',
    'witness',
    'group',
    'quorum',
    '#lianban',
    'none',
    'all',
    '1',
    log.vkey,
    witness('w'),
    '\n',
    ' ',
    'w',
    'retired',
    'owner',
  )
  const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(' '))
  fc.assert(
    fc.property(text, (each) => void parsePolicy(utf8Encode(each))),
    { numRuns: 500 },
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (each) => void parsePolicy(each)))
})
