// A record of the vault: the values behind a commitment, with the salt that opens it. In the log it
// is a header, which says in the clear whose it is and is bound to the rest, and the sealed rest.
import { base64urlDecode, concat, readU16be, readU32be, u16be, u32be } from '#base/bytes'
import { utf8Decode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { decodeCanonical, encodeCanonical, isSafeJson } from '#base/canonical'
import type { Json } from '#base/canonical'
import { LEAVES_MAX, PATH_BYTES_MAX, commitRecord, leafOf } from '#base/commitment'
import { Failure } from './disk.ts'
import { isRecordId, recordAddress, seal, unseal } from './kek.ts'

/**
 * `own`: what this department gave or supplied. `copy`: what it was shown by another, until an end
 * date. `slot`: who or what a case is about. `note`: bytes behind a note. `case`: what else belongs
 * to a case.
 */
export type RecordKind = 'own' | 'copy' | 'slot' | 'note' | 'case'

/** See the file's comment. Times are milliseconds. */
export type VaultRecord = {
  /** 16 bytes in base64url, chosen by the caller: storing the same again changes nothing. */
  readonly id: string
  readonly kind: RecordKind
  readonly type: string
  readonly case: string
  /** The item, slot or act. */
  readonly name: string
  readonly element?: number
  readonly gen: number
  /** 32 bytes in base64url: the salt of the commitment. */
  readonly salt?: string
  readonly leaves: readonly { readonly path: string; readonly value: Json }[]
  readonly more?: Json
  readonly at: number
  /** When `sweep` erases it. */
  readonly keepUntil?: number
  /** Before this nobody erases it. */
  readonly keepAtLeast?: number
}

/** What stands in the clear, and in memory. */
export type Header = Omit<VaultRecord, 'salt' | 'leaves' | 'more'>

/** Largest sealed text of a record, in bytes. */
export const recordBytesMax: number = 4 * 1024 * 1024

const kinds: readonly RecordKind[] = ['own', 'copy', 'slot', 'note', 'case']
const textMax = 128
const caseForm = /^[A-Za-z0-9_-]{0,64}$/

/** Throws `vault/bad-record` for what is no record, before any of it is written. */
export function checkRecord(record: VaultRecord): void {
  const { id, kind, type, case: of, name, element = 0, gen, salt, leaves, at } = record
  const { keepUntil = 0, keepAtLeast = 0 } = record
  const must = (holds: boolean, member: string): void => {
    if (!holds) throw new Failure('vault/bad-record', member)
  }
  must(typeof id === 'string' && isRecordId(id), 'id')
  must(kinds.includes(kind), 'kind')
  must(typeof type === 'string' && type.length <= textMax && type.isWellFormed(), 'type')
  must(typeof of === 'string' && caseForm.test(of), 'case')
  must(typeof name === 'string' && name.length <= textMax && name.isWellFormed(), 'name')
  for (const [member, n] of Object.entries({ element, gen, at, keepUntil, keepAtLeast })) {
    must(Number.isSafeInteger(n) && n >= 0, member)
  }
  must(salt === undefined || base64urlDecode(salt)?.length === 32, 'salt')
  must(Array.isArray(leaves) && leaves.length <= LEAVES_MAX, 'leaves')
  for (const { path, value } of leaves) {
    must(typeof path === 'string' && path.isWellFormed() && path.length <= PATH_BYTES_MAX, 'path')
    must(isSafeJson(value), path)
  }
  must(record.more === undefined || isSafeJson(record.more), 'more')
}

/** The header of a record, with its members in one order. */
export function headerOf(record: VaultRecord): Header {
  const { at, case: of, element, gen, id, keepAtLeast, keepUntil, kind, name, type } = record
  return {
    at,
    case: of,
    ...(element === undefined ? {} : { element }),
    gen,
    id,
    ...(keepAtLeast === undefined ? {} : { keepAtLeast }),
    ...(keepUntil === undefined ? {} : { keepUntil }),
    kind,
    name,
    type,
  }
}

/** The record sealed under its own key: u16 length ‖ header ‖ sealed text. */
export function sealRecord(member: string, record: VaultRecord, key: Bytes): Bytes {
  const header = encodeCanonical(headerOf(record))
  const text = utf8Encode(textOf(record))
  if (text.length > recordBytesMax) throw new Failure('vault/bad-record', 'too large')
  const head = utf8Encode(header)
  return concat([u16be(head.length), head, seal(key, text, recordAddress(member, header))])
}

/** The record, or null when key, member or any bit is another. */
export function unsealRecord(member: string, bytes: Bytes, key: Bytes): VaultRecord | null {
  const header = headerText(bytes)
  if (header === null) return null
  const sealed = bytes.subarray(2 + readU16be(bytes, 0))
  const text = unseal(key, sealed, recordAddress(member, header))
  const rest = text === null ? null : utf8Decode(text)
  if (rest === null) return null
  // Both were sealed by `sealRecord`, and are authentic, so they have its shape.
  const inner = JSON.parse(rest) as Pick<VaultRecord, 'salt' | 'leaves' | 'more'>
  return { ...(JSON.parse(header) as Header), ...inner }
}

/** The header of a sealed record, for the index; the record itself is checked when it is read. */
export function readHeader(bytes: Bytes): Header | null {
  const header = headerText(bytes)
  return header === null ? null : (decodeCanonical(header) as unknown as Header | null)
}

/** Whether two records say the same. */
export function isSame(one: VaultRecord, other: VaultRecord): boolean {
  const whole = (record: VaultRecord): string => encodeCanonical(headerOf(record)) + textOf(record)
  return whole(one) === whole(other)
}

/** Several sealed records as the body of one frame. */
export function frameBody(records: readonly Bytes[]): Bytes {
  return concat([u32be(records.length), ...records.flatMap((each) => [u32be(each.length), each])])
}

/** The records of a frame's body with their places in it. */
export function recordsIn(body: Bytes): readonly { readonly at: number; readonly bytes: Bytes }[] {
  const found: { readonly at: number; readonly bytes: Bytes }[] = []
  let at = 4
  for (let left = readU32be(body, 0); left > 0; left -= 1) {
    const length = readU32be(body, at)
    found.push({ at: at + 4, bytes: body.subarray(at + 4, at + 4 + length) })
    at += 4 + length
  }
  return found
}

/** The commitment that the record opens; null when it has no salt or no leaves. */
export function commitmentOf({ salt, leaves }: VaultRecord): Bytes | null {
  const bytes = salt === undefined ? null : base64urlDecode(salt)
  if (bytes === null || leaves[0]?.path !== '$') return null
  return commitRecord(
    bytes,
    leaves.map(({ path, value }) => leafOf(path, value)),
  )
}

function headerText(bytes: Bytes): string | null {
  if (bytes.length < 2) return null
  const length = readU16be(bytes, 0)
  return bytes.length < 2 + length ? null : utf8Decode(bytes.subarray(2, 2 + length))
}

function textOf({ salt, leaves, more }: VaultRecord): string {
  return encodeCanonical({
    leaves: leaves.map(({ path, value }) => ({ path, value })),
    ...(more === undefined ? {} : { more }),
    ...(salt === undefined ? {} : { salt }),
  })
}
