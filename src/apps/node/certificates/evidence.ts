// The certificate file out of a running ledger: entry, proofs and records under the newest
// checkpoint, each checked against the node's own map root before it leaves. The credential itself
// is on no ledger; who asks for the file brings it.
import { latin1Decode, latin1Encode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import { decodeEntry } from '#ledger/apply'
import { mapKeyOf, mapValueHash, parseMapRoot, verifyAbsence, verifyPresence } from '#ledger/prove'
import type { MapProof, ProvenEntry } from '#ledger/prove'
import { envelopeOf } from '#ledger/read'
import { certificateOf, encodeCertificateFile, parseSdJwt } from '#domains/certificates'
import { handleOfDigest, recordKeysOf } from '#domains/certificates'
import type { FiledRecord } from '#domains/certificates'
import type { Reading } from '#ledger/validate'
import type { Value } from '#ledger/command'

/** What is asked of a ledger; the host of one has this shape. */
export type EvidenceHost = {
  record(key: string): Value | undefined
  recordText(key: string): string | undefined
  entry(index: number): string
  readonly proofs: {
    checkpoint(): { readonly size: number; readonly text: string } | null
    inclusion(index: number, size: number): readonly Bytes[]
    record(map: string, key: string): MapProof | null
    withheld(index: number): string | null
  }
}

const notCheckpointed: Refusal = { code: 'node/not-checkpointed' }

/**
 * The file of the certificate in this SD-JWT. Refused with `node/not-found` when the ledger knows
 * no such certificate, `node/not-checkpointed` while no checkpoint covers it, `node/record-changed`
 * when its records changed since the last one, and `node/redacted` when its entry is withheld.
 */
export function certificateEvidence(host: EvidenceHost, credential: string): Bytes | Refusal {
  const sdJwt = parseSdJwt(credential)
  if (isRefusal(sdJwt)) return sdJwt
  const view: Reading = { get: (key) => host.record(key) }
  const handle = handleOfDigest(view, sha256Text(sdJwt.jwt, 'base64url'))
  const record = handle === undefined ? undefined : certificateOf(view, handle)
  const { kid } = sdJwt.compact
  if (record === undefined || kid === null) return { code: 'node/not-found' }
  const kept = host.proofs.checkpoint()
  const root = kept === null ? null : provenEntry(host, kept.size - 1)
  const issue = provenEntry(host, record.entry)
  if (root === null || issue === null) return notCheckpointed
  const link = envelopeOf(latin1Decode(issue.entry))
  const envelope = link === null ? null : provenEntry(host, link.entry)
  if ([record.entry, link?.entry].some((at) => at !== undefined && isWithheld(host, at))) {
    return { code: 'node/redacted' }
  }
  const records = recordsUnder(host, root, recordKeysOf({ ...record, kid }))
  if (isRefusal(records)) return records
  return encodeCertificateFile({ credential, issue, envelope, root, records })
}

function isWithheld(host: EvidenceHost, index: number): boolean {
  return host.proofs.withheld(index) !== null
}

function provenEntry(host: EvidenceHost, index: number): ProvenEntry | null {
  const kept = host.proofs.checkpoint()
  if (kept === null || index >= kept.size) return null
  const path = host.proofs.inclusion(index, kept.size)
  const note = utf8Encode(kept.text)
  return { entry: latin1Encode(host.entry(index)), proof: { extra: null, index, path, note } }
}

function recordsUnder(
  host: EvidenceHost,
  proven: ProvenEntry,
  keys: readonly string[],
): readonly FiledRecord[] | Refusal {
  const entry = decodeEntry(latin1Decode(proven.entry))
  const system = isRefusal(entry) || entry.kind !== 'system' ? null : parseMapRoot(entry.system)
  const root = system?.roots.get('now')
  if (root === undefined) return notCheckpointed
  const records: FiledRecord[] = []
  for (const key of keys) {
    const proof = host.proofs.record('now', key)
    if (proof === null) return notCheckpointed
    const value = host.recordText(key) ?? null
    const hashed = mapKeyOf(key)
    const holds =
      value === null
        ? verifyAbsence({ root, key: hashed, proof })
        : verifyPresence({ root, key: hashed, valueHash: mapValueHash(value), proof })
    if (!holds) return { code: 'node/record-changed' }
    records.push({ key, value, proof })
  }
  return records
}
