// The refusal codes of this room, one line each: what the node itself says no to, before or beside
// the ledger. None of them leaves an entry. The table in docs/protocol/codes.md is checked against
// this list.
import type { CodeLine } from '#ledger/command'

/** Every code that the node's HTTP server can give. */
export const nodeCodes: readonly CodeLine[] = Object.freeze([
  ['node/not-found', 'there is nothing here that you may see'],
  ['node/unknown-ledger', 'this node serves no ledger of that name'],
  ['node/method-not-allowed', 'the address knows other methods, named in Allow'],
  ['node/bad-request', 'the request is not well-formed HTTP'],
  ['node/bad-parameter', 'a part of the path or query has not its form'],
  ['node/unsupported-media-type', 'the body has a type or encoding that is not taken here'],
  ['node/body-oversized', 'the body is longer than its limit'],
  ['node/line-oversized', 'a line of the stream is longer than its limit'],
  ['node/headers-oversized', 'the request line and headers are longer than their limit'],
  ['node/too-slow', 'the request did not arrive in time'],
  ['node/unknown-caller', 'only members by mutual TLS, or the local operator, may ask this'],
  ['node/bad-token', 'the operator’s token is wrong, or was not sent from this machine'],
  ['node/not-yours', 'this is for replicas, or for the member that it names'],
  ['node/not-checkpointed', 'no checkpoint covers this yet; ask again after the next one'],
  ['node/redacted', 'the members have decided to withhold the bytes of this entry'],
  ['node/record-changed', 'the record changed since the last map root; ask after the next one'],
  ['node/malformed-cosignature', 'the body is not a signed checkpoint with cosignatures'],
  ['node/unknown-cosigner', 'no registered cosigner key in force made this cosignature'],
  ['node/bad-cosignature', 'a cosignature does not hold over this checkpoint'],
  ['node/other-checkpoint', 'the cosignature is for another checkpoint than the newest'],
  ['node/too-many-connections', 'the node holds as many connections as it may'],
  ['node/too-many-streams', 'too many event streams are open; ask again later'],
  ['node/closing', 'the node is stopping; ask again later'],
  ['node/broken', 'the node could not answer; nothing is wrong with the request'],
] as const)
