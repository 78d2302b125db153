// Cases for signed notes, verifier keys and trust policies.
import { Buffer } from 'node:buffer'
import { b64, leafOf, signer, treeRoot } from './log-material.ts'
import type { Signer } from './log-material.ts'

export const ORIGIN = 'ledger.example/city'
export const NOW = 1_790_000_000

export const log: Signer = signer(ORIGIN, 1)
export const second: Signer = signer(ORIGIN, 1, 'second key')
export const old: Signer = signer(ORIGIN, 1, 'old key')
export const stranger: Signer = signer(ORIGIN, 1, 'stranger')
export const tax: Signer = signer('tax.example/w', 4)
export const land: Signer = signer('land.example/w', 4)
export const court: Signer = signer('court.example/w', 4)
export const notary: Signer = signer('notary.example/v', 4)
export const hosted: Signer = signer('hosted.example/w', 4)

export const LEAVES: readonly Buffer[] = Array.from({ length: 100 }, (_, i) => leafOf(`entry ${i}`))
export const PIN = 70

const policyLines = [
  `log ${log.vkey} https://ledger.example/city/`,
  `log ${second.vkey}`,
  `witness tax ${tax.vkey}`,
  `witness land ${land.vkey}`,
  `witness court ${court.vkey}`,
  'group departments 2 tax land court',
  `#lianban validator notary ${notary.vkey}`,
  `#lianban hosted school ${hosted.vkey}`,
  `#lianban retired ${old.vkey} ${PIN} ${b64(treeRoot(LEAVES.slice(0, PIN)))}`,
  '#lianban fresh 600',
]
export const POLICY: string = `${[...policyLines, 'quorum departments'].join('\n')}\n`
export const ALONE: string = `${[...policyLines, 'quorum none'].join('\n')}\n`

export function note(body: string, lines: readonly string[]): string {
  return `${body}\n${lines.join('')}`
}

/** `prove-notes.json`: verifier keys, notes and cosignatures, each under one key. */
export function notesFile(): object {
  const body = 'first line\n\nthird line\n'
  const line = log.line(body)
  const at = tax.line(body, NOW)
  const bad = Buffer.from(line.split(' ')[2]!.trim(), 'base64')
  bad[40]! ^= 1
  const wrong = `\u2014 ${ORIGIN} ${b64(bad)}\n`
  return {
    vkeys: {
      valid: [
        {
          source: 'C2SP signed-note, Verifier keys',
          vkey: 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
          name: 'example.com/foo',
          keyHash: '530d903a',
        },
        { vkey: log.vkey, name: log.name, keyHash: log.vkey.split('+')[1] },
        { vkey: tax.vkey, name: tax.name, keyHash: tax.vkey.split('+')[1] },
      ],
      invalid: vkeysInvalid(),
    },
    notes: {
      valid: [
        { vkey: log.vkey, note: note(body, [line]), text: body },
        { vkey: log.vkey, note: note(body, [at, line]), text: body },
        { vkey: log.vkey, note: note(body, [stranger.line(body), line]), text: body },
        { vkey: tax.vkey, note: note(body, [line, at]), text: body, seconds: NOW },
      ],
      invalid: [
        { claim: 'another text', vkey: log.vkey, note: note('other\n', [line]) },
        { claim: 'an altered signature', vkey: log.vkey, note: note(body, [wrong]) },
        { claim: 'no line of the key', vkey: log.vkey, note: note(body, [at]) },
        { claim: 'two lines of the key', vkey: log.vkey, note: note(body, [line, line]) },
        { claim: 'no empty line', vkey: log.vkey, note: `first line\n${line}` },
        { claim: 'no newline at the end', vkey: log.vkey, note: note(body, [line]).trimEnd() },
        { claim: 'an empty line at the end', vkey: log.vkey, note: `${note(body, [line])}\n` },
        {
          claim: 'a hyphen for the dash',
          vkey: log.vkey,
          note: note(body, [line.replace('\u2014', '-')]),
        },
        { claim: 'two spaces', vkey: log.vkey, note: note(body, [line.replace(' ', '  ')]) },
        { claim: 'no padding', vkey: log.vkey, note: note(body, [line.replace(/=*\n/, '\n')]) },
        { claim: 'a tab in the text', vkey: log.vkey, note: note(`a\tb\n`, [log.line('a\tb\n')]) },
        { claim: 'a carriage return', vkey: log.vkey, note: note('a\r\n', [log.line('a\r\n')]) },
        {
          claim: '65 lines',
          vkey: log.vkey,
          note: note(body, [line, ...Array.from({ length: 64 }, () => '\u2014 a AAAAAAA=\n')]),
        },
        { claim: 'a cosignature of another text', vkey: tax.vkey, note: note('other\n', [at]) },
        { claim: 'a cosignature at another time', vkey: tax.vkey, note: note(body, [shifted(at)]) },
        {
          claim: 'a note signature under a cosigner',
          vkey: tax.vkey,
          note: note(body, [retyped(log, tax, body)]),
        },
      ],
    },
  }
}

/** The line with its time one second later and the same signature. */
export function shifted(line: string): string {
  const [dash, name, coded] = line.trim().split(' ')
  const blob = Buffer.from(coded!, 'base64')
  blob.writeBigUInt64BE(BigInt(NOW + 1), 4)
  return `${dash} ${name} ${b64(blob)}\n`
}

/** A signature of one signer in a line under the name and key id of another. */
export function retyped(from: Signer, to: Signer, body: string): string {
  const blob = Buffer.from(from.line(body).trim().split(' ')[2]!, 'base64')
  const id = Buffer.from(to.vkey.split('+')[1]!, 'hex')
  return `\u2014 ${to.name} ${b64(Buffer.concat([id, blob.subarray(4)]))}\n`
}

function vkeysInvalid(): object[] {
  const [name, id, key] = log.vkey.split('+') as [string, string, string]
  const identity = Buffer.alloc(33)
  identity[0] = 1
  identity[1] = 1
  return [
    {
      claim: 'another key id',
      vkey: `${name}+${id.replace(/./, (c) => (c === '0' ? '1' : '0'))}+${key}`,
    },
    { claim: 'another name', vkey: `${name}x+${id}+${key}` },
    { claim: 'capitals in the key id', vkey: `${name}+${id.toUpperCase()}A+${key}` },
    { claim: 'an unknown type', vkey: `${name}+${id}+${key.replace(/^A/, 'C')}` },
    { claim: 'a shorter key', vkey: `${name}+${id}+${key.slice(0, -4)}` },
    { claim: 'a space in the name', vkey: `ledger example+${id}+${key}` },
    { claim: 'no name', vkey: `+${id}+${key}` },
    { claim: 'the identity point', vkey: `${name}+${id}+${b64(identity)}` },
    { claim: 'two parts', vkey: `${name}+${id}` },
  ]
}

/** `prove-policies.json`: policies, who reaches their quorum, and lines that are refused. */
export function policiesFile(): object {
  const w = tax.vkey
  const three = `witness a ${w}\nwitness b ${land.vkey}\nwitness c ${court.vkey}\n`
  return {
    valid: [
      {
        policy: POLICY,
        reached: [
          ['tax', 'land'],
          ['land', 'court'],
          ['tax', 'land', 'court'],
        ],
        unreached: [[], ['tax'], ['notary', 'tax'], ['school', 'court']],
      },
      { policy: 'quorum none\n', reached: [[]], unreached: [] },
      {
        policy: `${three}group x any a b\ngroup y all x c\nquorum y\n`,
        reached: [
          ['a', 'c'],
          ['b', 'c'],
          ['a', 'b', 'c'],
        ],
        unreached: [['a', 'b'], ['c'], []],
      },
      {
        policy: `  # a comment\n\n\twitness\tw  ${w}\t\nquorum w`,
        reached: [['w']],
        unreached: [[]],
      },
    ],
    invalid: [
      { policy: '', code: 'prove/policy-quorum' },
      { policy: 'quorum none\nquorum none\n', code: 'prove/policy-quorum', at: '2' },
      { policy: 'quorum nobody\n', code: 'prove/policy-quorum', at: '1' },
      { policy: `log ${w}\nquorum none\n`, code: 'prove/policy-key', at: '1' },
      { policy: `witness w ${log.vkey}\nquorum none\n`, code: 'prove/policy-key', at: '1' },
      {
        policy: `witness w ${w}\nwitness v ${w}\nquorum w\n`,
        code: 'prove/policy-duplicate',
        at: '2',
      },
      { policy: `witness none ${w}\nquorum none\n`, code: 'prove/policy-name', at: '1' },
      {
        policy: `witness w ${w}\ngroup g 2 w\nquorum g\n`,
        code: 'prove/policy-threshold',
        at: '2',
      },
      {
        policy: `witness w ${w}\ngroup g 0 w\nquorum g\n`,
        code: 'prove/policy-threshold',
        at: '2',
      },
      { policy: `group g any w\nwitness w ${w}\nquorum g\n`, code: 'prove/policy-name', at: '1' },
      {
        policy: `witness w ${w}\ngroup g any w\ngroup h any w\nquorum h\n`,
        code: 'prove/policy-duplicate',
        at: '3',
      },
      { policy: `#lianban hosted h ${w}\nquorum h\n`, code: 'prove/policy-quorum', at: '2' },
      {
        policy: `#lianban validator v ${w}\ngroup g any v\nquorum g\n`,
        code: 'prove/policy-name',
        at: '2',
      },
      { policy: '#lianban trust everybody\nquorum none\n', code: 'prove/policy-line', at: '1' },
      { policy: 'anchor x\nquorum none\n', code: 'prove/policy-line', at: '1' },
      { policy: 'quorum none\r\n', code: 'prove/policy-bytes' },
    ],
  }
}
