// A ledger in memory on which `land` may issue titles, with keys, a log key and a cosigner: what
// the tests of certificates and of their files stand on. Nothing here is part of the product.
import assert from 'node:assert/strict'
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'
import type { Value } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { Domain, Write } from '#ledger/apply'
import { parsePolicy, parseSignedCheckpoint } from '#ledger/prove'
import type { TrustPolicy } from '#ledger/prove'
import { inlineVerifier } from '#adapters/consensus'
import type { HeldUse, KeyStore } from '#adapters/keys'
import { foundersWrites, members, practiceGenesis } from '#domains/members'
import { certificates } from '#domains/certificates'
import { certificateEvidence, prepareCertificate } from '#apps/node/certificates'
import type { CertificateOrder, PreparedCertificate } from '#apps/node/certificates'
import type { LedgerHost } from '#apps/node/host'
import { openHost } from '#apps/node/host'
import { openLedgerPort } from '#apps/node/ledger-port'
import type { LedgerPort, Submitted } from '#apps/node/ledger-port'
import { SimClock } from '#simulation/sim-clock'
import { SimDisk } from '#simulation/sim-disk'
import type { Authenticator } from './authenticator.ts'
import { keysOfMembers } from './port-world.ts'
import { cosignLine, logLine, signerOf } from './proofs.ts'

export const certificateLedger = 'city.example/titles'
export const titleType = 'real-estate-title'
export const startTime = 1_790_000_000_000

const uses: readonly HeldUse[] = ['command', 'receipt', 'certificate', 'status']
const log = signerOf(certificateLedger, 'note')
const notary = signerOf('notary.example', 'cosignature')

/** A policy that trusts the log and asks for the notary's cosignature of the last ten minutes. */
export const policyText: string = `log ${log.vkey}
witness notary ${notary.vkey}
#lianban fresh 600
quorum notary
`

export function policyOf(text: string = policyText): TrustPolicy {
  const policy = parsePolicy(utf8Encode(text))
  assert(!isRefusal(policy))
  return policy
}

export const fields = {
  certNo: '京(2026)朝不动产权第0000001号',
  area: 8_905,
  owners: [
    { code: 'a', name: '张三' },
    { code: 'b', name: '李四' },
  ],
} as const

/** Where land's officers approve. */
export const officerHost = 'land.city.example'

function of({ kid, alg, jwk }: Authenticator): Pick<Authenticator, 'kid' | 'alg' | 'jwk'> {
  return { kid, alg, jwk }
}

export class CertificateWorld {
  readonly clock: SimClock = new SimClock(startTime)
  readonly stores: ReadonlyMap<string, KeyStore> = keysOfMembers(['land', 'tax', 'court'], uses)
  readonly host: LedgerHost
  #decided = 0

  /**
   * `accredited`: from when to when land may issue titles, milliseconds from the start. `officer`:
   * the passkey of an officer whom land has enrolled.
   */
  constructor(
    accredited: readonly [from: number, until: number] = [0, 1e12],
    officer?: Authenticator,
  ) {
    const [from, until] = accredited.map((ms) => startTime + ms)
    const interval = { from, until, by: 'governance', height: 1 } as Value
    const accreditation = { member: 'land', type: titleType, intervals: [interval] }
    const founding: Domain = {
      ...members,
      genesis: () => [
        ...this.#founded(officer),
        [`members/accreditation/land/${titleType}`, accreditation],
      ],
    }
    this.host = openHost({
      disk: new SimDisk((call) => void this.clock.after(1, call)),
      ledger: certificateLedger,
      domains: [founding, certificates],
      code: new Uint8Array(32).fill(1),
      seed: 7,
      verifier: inlineVerifier(),
      signer: { sign: (text) => logLine(log, text) },
      genesis: { params: {}, time: startTime },
      clock: this.clock,
    })
  }

  #founded(officer: Authenticator | undefined): readonly Write[] {
    const host = officerHost
    const enrolled =
      officer === undefined ? [] : [{ officer: 'O'.repeat(21) + 'A', ...of(officer) }]
    const founders = [...this.stores].map(([code, store]) => ({
      code,
      keys: Object.fromEntries(store.list().map(({ use, jwk }) => [use, jwk])),
      ...(code === 'land' && officer !== undefined
        ? { rp: { id: host, origins: [{ host }] }, officers: enrolled }
        : {}),
    }))
    const writes = foundersWrites(practiceGenesis(founders))
    assert(!isRefusal(writes))
    return writes
  }

  port(member: string = 'land'): LedgerPort {
    const { host, clock } = this
    return openLedgerPort({ host, keys: this.keys(member), member, clock })
  }

  keys(member: string = 'land'): KeyStore {
    const keys = this.stores.get(member)
    assert(keys !== undefined)
    return keys
  }

  async say(type: string, body: object, member: string = 'land'): Promise<Submitted> {
    const said = this.port(member).submit(type, body as never)
    await this.clock.pass(50)
    return said
  }

  /** As `say`, and it must be taken. */
  async do(type: string, body: object, member: string = 'land'): Promise<void> {
    const said = await this.say(type, body, member)
    assert('receipt' in said, JSON.stringify(said))
  }

  /** Signs a certificate and brings it onto the ledger. */
  async issue(order: Partial<CertificateOrder> = {}): Promise<PreparedCertificate> {
    const of = base64urlEncode(sha256('case'))
    const prepared = prepareCertificate(this.port(), this.keys(), {
      type: titleType,
      fields,
      case: of,
      ...order,
    })
    assert(!isRefusal(prepared))
    await this.do('certificate.issue', prepared.body)
    return prepared
  }

  /** What the members decide together, when all but the ones concerned agree. */
  async decide(action: object, voters: readonly string[]): Promise<void> {
    this.#decided += 1
    const proposal = base64urlEncode(sha256(`proposal ${this.#decided}`).slice(0, 16))
    const [first = ''] = voters
    const said = await this.say('governance.propose', { proposal, action }, first)
    assert('receipt' in said, JSON.stringify(said))
    const { action: digest } = said.receipt.outcome as { readonly action: string }
    for (const voter of voters) {
      await this.do('governance.vote', { proposal, action: digest, choice: 'yes' }, voter)
    }
    await this.do('governance.execute', { proposal }, first)
  }

  /** Waits for a checkpoint, has the notary cosign it, and gives the certificate's file. */
  async file(credential: string, cosigned: boolean = true): Promise<Bytes> {
    await this.clock.pass(20_000)
    if (cosigned) await this.cosign()
    const file = certificateEvidence(this.host, credential)
    assert(!isRefusal(file), JSON.stringify(file))
    return file
  }

  async cosign(): Promise<void> {
    const kept = this.host.proofs.checkpoint()
    const note = utf8Encode(kept?.text ?? '')
    const signed = parseSignedCheckpoint(note)
    assert(signed !== null)
    const seconds = Math.floor(this.clock.wallMs() / 1000)
    const added = this.host.addCosignatures(note, [cosignLine(notary, signed.note.text, seconds)])
    await this.clock.pass(50)
    assert.equal(await added, true)
  }
}
