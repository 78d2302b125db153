// What a snapshot keeps beside the stores: where the ledger stood, the right edge of the tree, and
// the maps. Read back only from a manifest whose checksum held.
import { base64urlDecode, base64urlEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import type { Json } from '#base/canonical'
import type { Head } from '#ledger/order'
import { Frontier, Maps } from '#ledger/prove'
import type { SnapshotMark } from '#adapters/storage'
import { Failure } from '#adapters/storage'

/** The part of a snapshot that the host owns. */
export function headJson(head: Head, held: { frontier: Frontier; maps: Maps }): Json {
  return {
    digest: base64urlEncode(head.stateDigest),
    frontier: base64urlEncode(held.frontier.serialise()),
    maps: base64urlEncode(held.maps.serialise()),
    size: head.size,
    time: head.time,
  }
}

/** The head, frontier and maps of a loaded snapshot; throws `storage/corrupt`. */
export function readHead(from: SnapshotMark): { head: Head; frontier: Frontier; maps: Maps } {
  const { mark } = from
  const held = from.head as { readonly [key: string]: Json }
  const frontier = Frontier.restore(bytesOf(held['frontier']))
  const maps = Maps.restore(bytesOf(held['maps']))
  const { size, time } = held
  if (frontier === null || maps === null || frontier.size !== size || typeof time !== 'number') {
    throw new Failure('storage/corrupt', true, 'the head of the snapshot')
  }
  const stateDigest = bytesOf(held['digest'])
  return {
    head: { height: mark.height, time, size, stateDigest, frameHash: mark.hash },
    frontier,
    maps,
  }
}

function bytesOf(value: Json | undefined): Bytes {
  const bytes = typeof value === 'string' ? base64urlDecode(value) : null
  if (bytes === null) throw new Failure('storage/corrupt', true, 'the head of the snapshot')
  return bytes
}
