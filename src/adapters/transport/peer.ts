// Who is at the other end of a TLS connection: the member whose registered transport key the peer
// has just proven to hold. It promises that dates, names and chains of certificates decide nothing,
// and that a key which the registry no longer has in force is refused from the next request on,
// also on connections that are open and in sessions that are resumed.
import type { Server as HttpsServer, ServerOptions } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { isRefusal, refuse } from '#ledger/command'
import type { Refusal } from '#ledger/command'
import { keyInForce, readKey, readMember } from '#ledger/validate'
import type { Reading } from '#ledger/validate'
import { kidOf } from './certificate.ts'
import type { TransportIdentity } from './certificate.ts'

/** A member that proved its identity by a transport key. */
export type Peer = { readonly member: string; readonly kid: string }

/** Whose key this is now, or why it does not count. Asked for every request. */
export type PeerLookup = (kid: string) => Peer | Refusal

/** Every code for which a peer is refused, each with its meaning. */
export const transportRefusals = [
  ['transport/no-certificate', 'the peer showed no certificate'],
  ['transport/bad-certificate', 'the certificate has no P-256 key'],
  ['transport/unknown-key', 'the key is not in the registry'],
  ['transport/wrong-key-use', 'the key is registered for another use than transport'],
  ['transport/key-not-in-force', 'the key does not count yet, or no longer'],
  ['transport/member-not-active', 'the member is unknown, suspended or gone'],
  ['transport/other-member', 'the key is that of another member than the one expected'],
] as const

/** Peers by the registry as a reading of it stands at a height. */
export function registryLookup(at: () => { view: Reading; height: number }): PeerLookup {
  return (kid) => {
    const { view, height } = at()
    const key = readKey(view, kid)
    if (key === undefined) return refuse('transport/unknown-key')
    if (key.use !== 'transport') return refuse('transport/wrong-key-use')
    if (!keyInForce(key, height)) return refuse('transport/key-not-in-force')
    const member = readMember(view, key.member)
    if (member?.state !== 'active') return refuse('transport/member-not-active')
    return { member: key.member, kid }
  }
}

/** Peers by kids that were given beforehand, before there is a registry to read. */
export function pinnedLookup(kids: ReadonlyMap<string, string>): PeerLookup {
  return (kid) => {
    const member = kids.get(kid)
    return member === undefined ? refuse('transport/unknown-key') : { member, kid }
  }
}

/** A lookup that knows the keys of one member alone. */
export function onlyMember(lookup: PeerLookup, member: string): PeerLookup {
  return (kid) => {
    const peer = lookup(kid)
    if (isRefusal(peer)) return peer
    return peer.member === member ? peer : refuse('transport/other-member')
  }
}

// The key of a connection is settled by its handshake: TLS 1.3 has no renegotiation, and we never
// ask for a certificate later. So the certificate is read once, and the registry every time.
const kids = new WeakMap<TLSSocket, string | Refusal>()

/** The member at the other end, by the registry as it stands now. Untrusted until it is known. */
export function peerOf(socket: TLSSocket, lookup: PeerLookup): Peer | Refusal {
  let kid = kids.get(socket)
  if (kid === undefined) {
    kid = provenKid(socket)
    kids.set(socket, kid)
  }
  return typeof kid === 'string' ? lookup(kid) : kid
}

function provenKid(socket: TLSSocket): string | Refusal {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return refuse('transport/no-certificate')
  try {
    return kidOf(certificate.publicKey) ?? refuse('transport/bad-certificate')
  } catch {
    return refuse('transport/bad-certificate')
  }
}

/** What both sides of a connection between members say to TLS. */
const common = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  // Chains and dates decide nothing; the key is checked in `peerOf`, before anything is answered.
  rejectUnauthorized: false,
} as const

/** TLS options of a client between members. */
export function clientTlsOptions(identity: TransportIdentity | null): {
  readonly minVersion: 'TLSv1.3'
  readonly maxVersion: 'TLSv1.3'
  readonly rejectUnauthorized: false
  readonly key?: string
  readonly cert?: string
} {
  if (identity === null) return common
  return { ...common, key: identity.key, cert: identity.certificate }
}

/**
 * Options of an `https` server between members. A peer without a certificate gets a connection, so
 * that it can be told why it is refused: every request asks `peerOf`.
 */
export function serverTlsOptions(identity: TransportIdentity): ServerOptions {
  const { key, certificate } = identity
  return { ...common, key, cert: certificate, requestCert: true, ALPNProtocols: ['http/1.1'] }
}

/**
 * Ends connections of peers whose key does not count, right after their handshake. For servers
 * that have nothing to say to strangers.
 */
export function refuseStrangers(server: HttpsServer, lookup: PeerLookup): void {
  server.on('secureConnection', (socket) => {
    if (isRefusal(peerOf(socket, lookup))) socket.destroy()
  })
}
