// Who asks. A member proves itself by the key in its TLS certificate, which the registry of the
// ledger pins (use `transport`); the dates in the certificate play no part. The operator proves
// itself by a token that lies on this machine and counts only from this machine.
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { utf8Encode } from '#base/bytes'
import { constantTimeEqual, sha256 } from '#base/crypto'
import type { Refusal } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import { answerProblem } from './answer.ts'
import { countOf } from './parameters.ts'
import type { Ask, Caller, Served } from './served.ts'

const anyone: Caller = { kind: 'anyone' }
const operator: Caller = { kind: 'operator' }
const badToken: Refusal = { code: 'node/bad-token' }

export type CallerOptions = {
  /** The operator's token; null when this node has none. */
  readonly operatorToken: string | null
  /** The member that a TLS peer has proven to be, by the registry of this ledger as it stands. */
  readonly peer?: (socket: TLSSocket, served: Served) => { readonly member: string } | Refusal
}

/** Tells who asks, or why the claim to be somebody is refused. */
export function callerBy(
  options: CallerOptions,
): (req: IncomingMessage, served: Served) => Caller | Refusal {
  const { operatorToken, peer } = options
  const expected = operatorToken === null ? null : sha256(utf8Encode(`Bearer ${operatorToken}`))
  return (req, served) => {
    const claim = req.headers.authorization
    if (claim !== undefined) {
      // Hashes are compared, so that neither length nor first difference shows in time.
      const holds = expected !== null && constantTimeEqual(sha256(utf8Encode(claim)), expected)
      return holds && isLocal(req.socket.remoteAddress) ? operator : badToken
    }
    if (peer === undefined || !('encrypted' in req.socket)) return anyone
    const proven = peer(req.socket as TLSSocket, served)
    if (!isRefusal(proven)) return memberCaller(proven.member, served)
    return proven.code === 'transport/no-certificate' ? anyone : proven
  }
}

/** Whether an address is this machine's own. */
export function isLocal(address: string | undefined): boolean {
  if (address === undefined) return false
  const bare = address.startsWith('::ffff:') ? address.slice(7) : address
  return bare === '::1' || bare.startsWith('127.')
}

function memberCaller(member: string, { host }: Served): Caller {
  return { kind: 'member', member, replica: host.registry.member(member)?.kind === 'replica' }
}

/** The caller of a request, when it is at least a member; otherwise it has been answered. */
export function knownCaller(ask: Ask): Exclude<Caller, { readonly kind: 'anyone' }> | null {
  const caller = ask.node.caller(ask.req, ask.served)
  if (isRefusal(caller)) answerProblem(ask, caller)
  else if (caller.kind === 'anyone') answerProblem(ask, { code: 'node/unknown-caller' })
  else return caller
  return null
}

/** Whether the caller holds, or may hold, all entries; otherwise it has been answered. */
export function holdsAll(ask: Ask): boolean {
  const caller = knownCaller(ask)
  if (caller === null) return false
  if (readsAll(caller)) return true
  answerProblem(ask, { code: 'node/not-yours' })
  return false
}

/** Whether every entry is open to this caller. */
export function readsAll(caller: Caller): boolean {
  return caller.kind === 'operator' || (caller.kind === 'member' && caller.replica)
}

/** The entry that a path names, when the caller may read it; otherwise it has been answered. */
export function entryAsked(ask: Ask): number | null {
  const caller = knownCaller(ask)
  if (caller === null) return null
  const index = countOf(ask.parts[0], 'index', 0)
  if (isRefusal(index)) {
    answerProblem(ask, index)
    return null
  }
  if (index < ask.served.host.head().size && mayRead(ask, caller, index)) return index
  answerProblem(ask, { code: 'node/not-found' })
  return null
}

function mayRead({ served }: Ask, caller: Caller, index: number): boolean {
  if (readsAll(caller)) return true
  return caller.kind === 'member' && served.host.entriesNaming(caller.member, index, 1)[0] === index
}
