// The golden cases of vectors/prove-*.json, which were made without this room's code: every valid
// one is accepted with the verdict that stands beside it, every invalid one refused with its code.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { base64Decode, hexDecode, hexEncode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Json } from '#base/canonical'
import { isRefusal } from '#ledger/command'

import { verifyEvidence, verifyProofFile } from './evidence.ts'
import { gradeText, judge } from './judge.ts'
import { mapKeyOf, mapValueHash, parseMapProof } from './map-proof.ts'
import { verifyAbsence, verifyPresence } from './map-proof.ts'
import { SparseMap } from './map.ts'
import { lineUnder, parseNote, parseVkey, verifyCosignature, verifyNoteSignature } from './note.ts'
import { parsePolicy, reachesQuorum } from './policy.ts'
import type { TrustPolicy } from './policy.ts'
import { Tile, completedTiles, decodeEntryBundle, encodeEntryBundle } from './tiles.ts'
import { parseTilePath, partialTiles, tilePath } from './tiles.ts'
import { verifyConsistency, verifyInclusion } from './tree-proof.ts'
import { Frontier, leafHash } from './tree.ts'

type Any = { readonly [name: string]: unknown }

function read(name: string): Any {
  const url = new URL(`../../../vectors/prove-${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(url, 'utf8')) as Any
}

const b64 = (text: string): Bytes => base64Decode(text)!
const hex = (text: string): Bytes => hexDecode(text)!

/** The cases of a list, never none: a list that went missing must not pass. */
function cases<T>(list: readonly T[]): readonly T[] {
  assert.ok(list.length > 0)
  return list
}

describe('prove-tree.json', () => {
  const { leaves, roots, inclusion, consistency } = read('tree')
  type Inclusion = {
    claim: string
    index: number
    size: number
    leaf: string
    root: string
    path: string[]
  }
  type Consistency = {
    claim: string
    from: number
    to: number
    fromRoot: string
    toRoot: string
    path: string[]
  }
  const holds = ({ index, size, leaf, root, path }: Inclusion): boolean =>
    verifyInclusion({ index, size, leaf: b64(leaf), root: b64(root), path: path.map(b64) })
  const follows = ({ from, to, fromRoot, toRoot, path }: Consistency): boolean => {
    const claim = { from, to, fromRoot: b64(fromRoot), toRoot: b64(toRoot) }
    return verifyConsistency({ ...claim, path: path.map(b64) })
  }

  test('has the roots of the tree', () => {
    for (const { entry, hash } of cases(leaves as { entry: string; hash: string }[])) {
      assert.deepEqual(leafHash(utf8Encode(entry)), b64(hash))
    }
    for (const { size, root } of cases(roots as { size: number; root: string }[])) {
      const frontier = new Frontier()
      for (let i = 0; i < size; i++) frontier.append(leafHash(utf8Encode(`entry ${i}`)))
      assert.deepEqual(frontier.root(), b64(root), `size ${size}`)
    }
  })

  test('has valid proofs that hold, and invalid ones that do not', () => {
    const inclusions = inclusion as { valid: Inclusion[]; invalid: Inclusion[] }
    for (const each of cases(inclusions.valid)) assert.ok(holds(each), `${each.index} ${each.size}`)
    for (const each of cases(inclusions.invalid)) assert.ok(!holds(each), each.claim)
    const proofs = consistency as { valid: Consistency[]; invalid: Consistency[] }
    for (const each of cases(proofs.valid)) assert.ok(follows(each), `${each.from} ${each.to}`)
    for (const each of cases(proofs.invalid)) assert.ok(!follows(each), each.claim)
  })
})

describe('prove-tiles.json', () => {
  const { names, sizes, tile, bundles } = read('tiles')

  test('has the names and tiles of sizes', () => {
    type Name = { level: number | 'entries'; index: number; width: number; path: string }
    const { valid, invalid } = names as { valid: Name[]; invalid: string[] }
    for (const { path, ...id } of cases(valid)) {
      assert.equal(tilePath(id), path)
      assert.deepEqual(parseTilePath(path), id)
    }
    for (const path of cases(invalid)) assert.equal(parseTilePath(path), null, path)
    type Size = { size: number; full: number[]; partial: number[][] }
    for (const { size, full, partial } of cases(sizes as Size[])) {
      const counts = full.map(
        (_, level) => completedTiles(0, size).filter((id) => id.level === level).length,
      )
      assert.deepEqual(counts, full)
      assert.equal(
        completedTiles(0, size).length,
        full.reduce((a, b) => a + b, 0),
      )
      assert.deepEqual(
        partialTiles(size).map(({ level, index, width }) => [level, index, width]),
        partial,
      )
    }
  })

  test('has the root of a tile, and bundles', () => {
    const bytes = new Uint8Array(256 * 32)
    for (let i = 0; i < 256; i++) bytes.set(leafHash(utf8Encode(`entry ${i}`)), i * 32)
    assert.deepEqual(Tile.from(bytes)!.root(), b64((tile as { root: string }).root))
    type Bundles = {
      valid: { entries: string[]; bundle: string }[]
      invalid: { claim: string; count: number; bundle: string }[]
    }
    const { valid, invalid } = bundles as Bundles
    for (const { entries, bundle } of cases(valid)) {
      const list = entries.map(utf8Encode)
      assert.equal(hexEncode(encodeEntryBundle(list)), bundle)
      assert.deepEqual(decodeEntryBundle(hex(bundle), list.length), list)
    }
    for (const { claim, count, bundle } of cases(invalid)) {
      assert.equal(decodeEntryBundle(hex(bundle), count), null, claim)
    }
  })
})

test('prove-map.json has roots, presence, absence, and what shows neither', () => {
  const { roots, lastBit, present, absent, invalid } = read('map')
  const mapOf = (count: number): SparseMap => {
    const map = new SparseMap()
    map.update(
      Array.from({ length: count }, (_, i) => ({
        key: mapKeyOf(`r.${i}`),
        valueHash: mapValueHash(`{"n":${i}}`),
      })),
    )
    return map
  }
  for (const { count, root } of cases(roots as { count: number; root: string }[])) {
    assert.equal(hexEncode(mapOf(count).root()), root)
  }
  const { leaves, root } = lastBit as { leaves: { key: string; valueHash: string }[]; root: string }
  const deep = new SparseMap()
  deep.update(leaves.map(({ key, valueHash }) => ({ key: hex(key), valueHash: hex(valueHash) })))
  assert.equal(hexEncode(deep.root()), root)
  type Proof = {
    claim: string
    count: number
    record: string
    root: string
    proof: Json
    value: string
  }
  for (const { count, record, root: under, proof } of cases(present as Proof[])) {
    const key = mapKeyOf(record)
    const valueHash = mapValueHash(`{"n":${record.slice(2)}}`)
    const parsed = parseMapProof(proof)!
    assert.ok(verifyPresence({ root: hex(under), key, valueHash, proof: parsed }))
    assert.deepEqual(mapOf(count).prove(key), parsed)
  }
  for (const { count, record, root: under, proof } of cases(absent as Proof[])) {
    const key = mapKeyOf(record)
    const parsed = parseMapProof(proof)!
    assert.ok(verifyAbsence({ root: hex(under), key, proof: parsed }), record)
    assert.deepEqual(mapOf(count).prove(key), parsed)
  }
  for (const { claim, record, value, root: under, proof } of cases(invalid as Proof[])) {
    const claimed = { root: hex(under), key: mapKeyOf(record), proof: parseMapProof(proof)! }
    assert.ok(!verifyPresence({ ...claimed, valueHash: mapValueHash(value) }), claim)
    assert.ok(!verifyAbsence(claimed), claim)
  }
})

test('prove-notes.json has keys and notes, good and bad', () => {
  const { vkeys, notes } = read('notes')
  type Vkey = { claim: string; vkey: string; name: string; keyHash: string }
  const keys = vkeys as { valid: Vkey[]; invalid: Vkey[] }
  for (const { vkey, name, keyHash } of cases(keys.valid)) {
    const key = parseVkey(vkey)!
    assert.deepEqual([key.name, key.keyHash], [name, keyHash])
  }
  for (const { claim, vkey } of cases(keys.invalid)) assert.equal(parseVkey(vkey), null, claim)
  type Note = { claim: string; vkey: string; note: string; text?: string; seconds?: number }
  const opened = ({ vkey, note }: Note): { text: string; seconds: number | null } | null => {
    const key = parseVkey(vkey)!
    const parsed = parseNote(utf8Encode(note))
    const line = parsed && lineUnder(key, parsed)
    if (parsed === null || line === null || isRefusal(line)) return null
    const seconds = verifyCosignature(key, parsed.text, line.signature)
    const holds = seconds !== null || verifyNoteSignature(key, parsed.text, line.signature)
    return holds ? { text: parsed.text, seconds } : null
  }
  const all = notes as { valid: Note[]; invalid: Note[] }
  for (const each of cases(all.valid)) {
    assert.deepEqual(opened(each), { text: each.text, seconds: each.seconds ?? null })
  }
  for (const each of cases(all.invalid)) assert.equal(opened(each), null, each.claim)
})

function policyOf(text: string): TrustPolicy {
  const policy = parsePolicy(utf8Encode(text))
  assert.ok(!isRefusal(policy))
  return policy
}

test('prove-policies.json has policies, their quorums, and lines that are refused', () => {
  const { valid, invalid } = read('policies')
  for (const { policy, reached, unreached } of cases(
    valid as { policy: string; reached: string[][]; unreached: string[][] }[],
  )) {
    const parsed = policyOf(policy)
    for (const names of reached) assert.ok(reachesQuorum(parsed, new Set(names)), names.join())
    for (const names of unreached) assert.ok(!reachesQuorum(parsed, new Set(names)), names.join())
  }
  for (const { policy, ...refusal } of cases(
    invalid as { policy: string; code: string; at?: string }[],
  )) {
    assert.deepEqual(parsePolicy(utf8Encode(policy)), refusal, policy)
  }
})

test('prove-checkpoints.json has notes with their verdicts and refusals', () => {
  const file = read('checkpoints')
  const nowMs = file['now'] as number
  type Case = {
    claim: string
    policy?: 'alone'
    note: string
    toPin?: string[]
    verdict: object
    code?: string
  }
  const judged = ({ policy = 'policy' as 'alone', note, toPin }: Case): unknown =>
    judge({
      policy: policyOf(file[policy] as string),
      note: utf8Encode(note),
      nowMs,
      ...(toPin === undefined ? {} : { toPin: toPin.map(b64) }),
    })
  for (const each of cases(file['valid'] as Case[])) {
    const result = judged(each) as { readonly [name: string]: unknown }
    const named = Object.keys(each.verdict).map((name) => [name, result[name]])
    assert.deepEqual(Object.fromEntries(named), each.verdict, each.claim)
  }
  for (const each of cases(file['invalid'] as Case[])) {
    const result = judged(each)
    assert.equal(isRefusal(result) ? result.code : 'accepted', each.code, each.claim)
  }
})

test('prove-files.json has .tlog-proof files with their grades and refusals', () => {
  const { policy: text, now, valid, invalid } = read('files')
  const policy = policyOf(text as string)
  type Case = { claim: string; entry: string; file: string; grade?: string; code?: string }
  const judged = ({ entry, file }: Case): string => {
    const of = { entry: utf8Encode(entry), file: utf8Encode(file) }
    const verdict = verifyProofFile({ ...of, policy, nowMs: now as number })
    return isRefusal(verdict) ? verdict.code : gradeText(verdict)
  }
  for (const each of cases(valid as Case[])) assert.equal(judged(each), each.grade, each.claim)
  for (const each of cases(invalid as Case[])) assert.equal(judged(each), each.code, each.claim)
})

test('prove-evidence.json has evidence files with what they prove, and refusals', () => {
  const { policy: text, now, valid, invalid } = read('evidence')
  const policy = policyOf(text as string)
  type Case = {
    claim: string
    evidence: string
    grade?: string
    code?: string
    index?: number
    value?: string | null
    height?: number
  }
  const judged = ({ evidence }: Case): ReturnType<typeof verifyEvidence> =>
    verifyEvidence(utf8Encode(evidence), policy, now as number)
  for (const each of cases(valid as Case[])) {
    const proven = judged(each)
    assert.ok(!isRefusal(proven), `${each.claim}: ${isRefusal(proven) && proven.code}`)
    assert.equal(gradeText(proven.verdict), each.grade, each.claim)
    assert.equal(proven.entry?.index, each.index, each.claim)
    assert.equal(proven.record?.value, each.value, each.claim)
    assert.equal(proven.record?.height, each.height, each.claim)
  }
  for (const each of cases(invalid as Case[])) {
    const result = judged(each)
    assert.equal(isRefusal(result) ? result.code : 'accepted', each.code, each.claim)
  }
})
