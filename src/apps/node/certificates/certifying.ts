// The robot's last step of an act that gives a certificate: what the department has given, and is
// accredited to certify, is signed, kept in its vault and brought onto the ledger. Handle and case
// commitment come from the record's own salt, which nobody else has: they are the same after a
// crash, and tell nobody which case it was.
import { concat, utf8Encode } from '#base/bytes'
import { assert } from '#base/assert'
import { hmacSha256 } from '#base/crypto'
import type { Json } from '#base/canonical'
import { listOf } from '#blueprint/grammar'
import { isRefusal } from '#ledger/command'
import type { KeyStore } from '#adapters/keys'
import { accredited, officersRequired } from '#domains/members'
import { caseCommitment, certificateOf, certificateType, lastStatus } from '#domains/certificates'
import type { JsonObject } from '#domains/certificates'
import { itemOf, standingOf } from '#domains/processes'
import { bytesOf, commitmentOf, idOf, Later, moreOf, putOnce } from '#apps/node/casework'
import type { Dept, Step, Vault, VaultRecord } from '#apps/node/casework'
import { bringCertificate, sayApproved } from './bring.ts'
import type { Approve, CertificateShelf } from './bring.ts'
import type { PreparedCertificate } from './prepare.ts'

/** What the step needs of a department. */
export type Certifying = Pick<Dept, 'port' | 'vault' | 'report' | 'clock' | 'officers'> & {
  readonly keys: KeyStore
}

/** A part of an item of a case that this department has given. */
export type Certified = {
  readonly case: string
  readonly item: string
  readonly gen: number
  /** Evidence type with its version. */
  readonly type: string
  /** Commitment to the record, base64url. */
  readonly c: string
  readonly element?: number
  /** Posts that sign the act; they approve its certificate. */
  readonly posts: readonly string[]
}

/** The step of a look that certifies what is there, with these keys. */
export function certifying(keys: KeyStore): Step {
  return async (dept, now) => {
    const view = dept.port.view()
    for (const { name: item, type, from } of now.compiled.items.values()) {
      if (type.certificate !== true || from !== undefined) continue
      const facts = itemOf(view, now.id, item)
      const standing = standingOf(view, now.id)
      for (const { c, by, element, from: act } of facts?.parts ?? []) {
        if (by !== dept.port.member) continue
        const posts = listOf(now.compiled.blueprint.acts[act]?.post)
        const part = { case: now.id, item, gen: facts?.gen ?? 0, type: type.type, c, posts }
        const of = element === undefined ? part : { ...part, element }
        const isVoid = standing?.isVoid(item, element === undefined ? act : `${act}/${element}`)
        const isOver = now.facts.state !== 'open' && now.facts.state !== 'delivered'
        await dept.inTurn('certificates', async () => {
          if (isVoid === true) await halt({ ...dept, keys }, of, isOver)
          else if (facts?.available === true) await certify({ ...dept, keys }, of)
        })
      }
    }
    return null
  }
}

/**
 * Certifies one part once. What the ledger refuses for good is reported, and what may pass throws
 * `Later`. A correction certifies again and supersedes what was there before.
 */
export async function certify(of: Certifying, part: Certified): Promise<void> {
  const { port, vault, report } = of
  const record = vault
    .find({ case: part.case, name: part.item, kind: 'own' })
    .find((each) => commitmentOf(each) === part.c)
  const fields = record === undefined ? null : fieldsOf(record)
  if (record?.salt === undefined || fields === null) return
  const type = certificateType(part.type)
  const view = port.view()
  const handle = handleOf(record.salt, part)
  const approve = approving(of, part, fields)
  if (approve === null) return report({ level: 'warn', event: 'certificate-needs-officer' })
  const saying = { ...of, approve }
  if (certificateOf(view, handle) !== undefined) {
    await resumeHalted(saying, handle)
    return supersedeBefore(saying, part, handle)
  }
  if (!accredited(view, port.member, type, port.head().time)) {
    return report({ level: 'warn', event: 'certificate-not-accredited' })
  }
  const shelf = shelfIn(of, part)
  const errand = { type, fields, handle, case: caseOf(record.salt, part) }
  const ways = { port, keys: of.keys, shelf, ...(approve === undefined ? {} : { approve }) }
  const brought = await bringCertificate(ways, errand)
  if (!isRefusal(brought)) return supersedeBefore(saying, part, handle)
  if (/^(?:order|validate)\//.test(brought.code)) throw new Later(brought.code)
  report({ level: 'warn', event: 'certificate-refused', code: brought.code })
}

/**
 * Halts what certifies a part that was annulled or returned: on hold while the case may still give
 * it again, revoked once the case is over without it.
 */
export async function halt(of: Certifying, part: Certified, isOver: boolean): Promise<void> {
  const { port, vault, report } = of
  for (const { handle } of certificatesOf(vault, part)) {
    const record = certificateOf(port.view(), handle)
    const status = lastStatus(record)
    const stands = status === 'valid' || status === 'held' || status === 'suspended'
    if (!stands || (!isOver && status !== 'valid')) continue
    const own = vault.find({ case: part.case, name: part.item, kind: 'own' })
    const held = own.find((each) => commitmentOf(each) === part.c)
    const approve = approving(of, part, (held === undefined ? null : fieldsOf(held)) ?? {})
    if (approve === null) return report({ level: 'warn', event: 'certificate-needs-officer' })
    const body = { handle, ground: isOver ? 'issued-in-error' : 'under-review' }
    const id = isOver ? idOf('revoke', handle) : holdId(handle, record?.changes.length ?? 0)
    const type = isOver ? 'certificate.revoke' : 'certificate.hold'
    const said = await sayApproved(port, { type, body, id }, approve)
    if ('refused' in said) report({ level: 'warn', event: 'halt-refused', code: said.refused.code })
  }
}

function holdId(handle: string, changes: number): string {
  return idOf('hold', handle, changes)
}

/** What was put on hold by `halt`, and by nobody else, stands again with what it certifies. */
async function resumeHalted({ port, approve }: Saying, handle: string): Promise<void> {
  const { changes = [] } = certificateOf(port.view(), handle) ?? {}
  const last = changes.at(-1)
  const own = port.receipt(holdId(handle, changes.length - 1))
  if (last?.to !== 'held' || own?.code !== 'ok' || own.entry !== last.entry) return
  const body = { handle, ground: 'cleared' }
  const id = idOf('resume', handle, changes.length)
  await sayApproved(port, { type: 'certificate.resume', body, id }, approve)
}

type Saying = Certifying & { readonly approve: Approve | undefined }

/** How officers approve: undefined where there are none, null where they cannot be asked. */
function approving(
  { port, officers, clock }: Certifying,
  { item, posts }: Certified,
  fields: JsonObject,
): Approve | undefined | null {
  if (!officersRequired(port.view(), port.member)) return undefined
  if (officers === null) return null
  const shown = { act: 'certify', item, value: fields }
  return {
    ask: (intent) => officers.approve({ posts, intent, shown }),
    wallMs: () => clock.wallMs(),
  }
}

/** The fields of a record that was done; null for one that was not, or says nothing. */
function fieldsOf({ leaves }: VaultRecord): JsonObject | null {
  const state = leaves.find(({ path }) => path === '$')?.value
  const fields = leaves.filter(({ path, value }) => path !== '$' && value !== null)
  if (state !== 'done' || fields.length === 0) return null
  return Object.fromEntries(fields.map(({ path, value }) => [path, value]))
}

function handleOf(salt: string, { case: id, item, c }: Certified): string {
  return idOf('certificate', salt, id, item, c)
}

/** The salt of the case commitment: derived, so that the vault's record opens it for ever. */
function caseOf(salt: string, { case: id, item, gen }: Certified): string {
  const label = concat([utf8Encode('lianban/certificate-case/v1\0'), utf8Encode(item)])
  return caseCommitment(hmacSha256(bytesOf(salt), label), { case: id, item, gen })
}

/** What was signed of this item, in the vault: the newest under a handle counts. */
function shelfIn({ vault, clock }: Certifying, part: Certified): CertificateShelf {
  return {
    get: (handle) => certificatesOf(vault, part).findLast((each) => each.handle === handle),
    put: async (prepared) => {
      const { handle, digest } = prepared
      await putOnce(vault, {
        id: idOf('certificate-file', handle, digest),
        kind: 'note',
        type: noteType,
        case: part.case,
        name: part.item,
        ...(part.element === undefined ? {} : { element: part.element }),
        gen: part.gen,
        leaves: [],
        more: { prepared: prepared as unknown as Json },
        at: clock.wallMs(),
      })
    },
  }
}

const noteType = 'certificate'

/** Certificates of an item that this department has signed, oldest first. */
export function certificatesOf(
  vault: Pick<Vault, 'find'>,
  of: { readonly case: string; readonly item: string; readonly element?: number },
): readonly PreparedCertificate[] {
  return vault
    .find({ case: of.case, name: of.item, kind: 'note' })
    .filter(({ type, element }) => type === noteType && element === of.element)
    .toSorted((a, b) => a.at - b.at)
    .map((record) => {
      const prepared = moreOf(record, 'prepared')
      assert(prepared !== undefined, 'a kept certificate is whole')
      return prepared as unknown as PreparedCertificate
    })
}

/** Earlier certificates of the same part, for content that was corrected, point to the new one. */
async function supersedeBefore(
  { port, vault, approve }: Saying,
  part: Certified,
  by: string,
): Promise<void> {
  for (const { handle } of certificatesOf(vault, part)) {
    const record = handle === by ? undefined : certificateOf(port.view(), handle)
    const status = lastStatus(record)
    if (status !== 'valid' && status !== 'held') continue
    const body = { handle, ground: 'corrected', by }
    const id = idOf('supersede', handle, by)
    await sayApproved(port, { type: 'certificate.supersede', body, id }, approve)
  }
}
