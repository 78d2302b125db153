// Certificates on the ledger: issued by whoever is accredited for the type, halted, resumed and
// ended by whoever answers for them. The ledger knows handle, digest and places in lists, and never
// whose certificate it is or what it says. Every step is an act that decides, so that it needs an
// officer's approval once the department has enrolled one.
import type { Refusal, Schema } from '#ledger/command'
import type { CommandType, Context, Domain, View, Write } from '#ledger/apply'
import { accredited, marks } from '#domains/members'
import { commandType, no } from './authority.ts'
import { disputeTypes } from './disputes.ts'
import type { Status, Step } from './lifecycle.ts'
import { certificatesCodes, certificateTable } from './lifecycle.ts'
import type { CertificateRecord, Change } from './records.ts'
import { answersFor, certificateOf, changesMax, digestKey, indexesMax } from './records.ts'
import { handleOfDigest, isIndexUsed, lastStatus, listsMax, pageWrite } from './records.ts'
import { recordWrite, statusAt, statusPrefix } from './records.ts'

/** Grounds of each step after issuance: closed lists, because a free text names people. */
export const grounds: { readonly [step in Exclude<Step, 'issue'>]: readonly string[] } = {
  hold: ['reported-lost', 'under-review', 'data-disputed', 'holder-request', 'key-in-doubt'],
  suspend: ['by-law', 'court-order', 'administrative-measure', 'condition-unmet', 'holder-request'],
  resume: ['cleared', 'measure-lifted', 'period-ended', 'condition-met', 'found-again'],
  revoke: [
    'issued-in-error',
    'obtained-by-deceit',
    'by-law',
    'court-order',
    'ceased-to-exist',
    'holder-request',
    'key-compromised',
  ],
  supersede: ['corrected', 'renewed', 'transferred', 'reissued-by-register', 'damaged-or-lost'],
}

const handle: Schema = { k: 'bytes', length: 16 }
const digest: Schema = { k: 'bytes', length: 32 }
const time: Schema = { k: 'int', min: 0, max: Number.MAX_SAFE_INTEGER }

type IssueBody = {
  readonly handle: string
  readonly type: string
  readonly digest: string
  readonly case: string
  readonly list: number
  readonly index: number
  readonly until?: number
}

const issue = commandType<IssueBody>({
  name: 'certificate.issue',
  body: {
    fields: {
      handle,
      type: { k: 'name' },
      digest,
      case: digest,
      list: { k: 'int', min: 0, max: listsMax - 1 },
      index: { k: 'int', min: 0, max: indexesMax - 1 },
      until: time,
    },
    optional: ['until'],
  },
  decide: (view, body, context) => {
    const cell = certificateTable[lastStatus(certificateOf(view, body.handle))].issue
    if ('refuse' in cell) return no(cell.refuse, 'body.handle')
    const { member: issuer, time: issuedAt, height, entry } = context
    if (!accredited(view, issuer, body.type, issuedAt)) {
      return no('certificates/not-accredited', 'body.type')
    }
    if (handleOfDigest(view, body.digest) !== undefined) {
      return no('certificates/digest-known', 'body.digest')
    }
    const place = { issuer, list: body.list, index: body.index }
    if (isIndexUsed(view, place)) return no('certificates/index-used', 'body.index')
    if (body.until !== undefined && body.until <= issuedAt) {
      return no('certificates/bad-interval', 'body.until')
    }
    const at = { issuedAt, height, entry }
    const record: CertificateRecord = { ...body, issuer, ...at, changes: [], disputes: [] }
    return [
      recordWrite(record),
      [digestKey(body.digest), body.handle],
      pageWrite(view, place, 'valid'),
    ]
  },
})

type ChangeBody = { readonly handle: string; readonly ground: string; readonly by?: string }

function changeType(step: Exclude<Step, 'issue'>): CommandType {
  const ground: Schema = { k: 'enum', of: grounds[step] }
  return commandType<ChangeBody>({
    name: `certificate.${step}`,
    body: {
      fields: step === 'supersede' ? { handle, ground, by: handle } : { handle, ground },
    },
    decide: (view, body, context) => {
      const record = certificateOf(view, body.handle)
      const cell = certificateTable[lastStatus(record)][step]
      if ('refuse' in cell) return no(cell.refuse, 'body.handle')
      if (record === undefined) return no('certificates/unknown-certificate', 'body.handle')
      if (!answersFor(view, record, context.member)) return no('certificates/not-issuer')
      const stop = hindrance(view, record, { body, context, to: cell.to })
      return stop ?? changed(view, record, { body, context, to: cell.to })
    },
  })
}

type Changing = { readonly body: ChangeBody; readonly context: Context; readonly to: Status }

/** What the table does not know: expiry, the length of the history, and the successor. */
function hindrance(
  view: View,
  record: CertificateRecord,
  { body, context, to }: Changing,
): Refusal | null {
  const ends = to === 'revoked' || to === 'superseded'
  if (!ends && statusAt(record, context.time) === 'expired') {
    return no('certificates/has-expired', 'body.handle')
  }
  // Whatever came before, a certificate can always be ended.
  if (!ends && record.changes.length >= changesMax - 2) return no('certificates/history-full')
  if (body.by === undefined) return null
  if (marks(view, body.handle).some(({ kind }) => kind !== 'disputed')) {
    return no('certificates/is-frozen', 'body.handle')
  }
  const successor = certificateOf(view, body.by)
  const stands = statusAt(successor, context.time) === 'valid' && body.by !== body.handle
  return stands ? null : no('certificates/bad-successor', 'body.by')
}

function changed(
  view: View,
  record: CertificateRecord,
  { body, context, to }: Changing,
): readonly Write[] {
  const { time: at, height, entry } = context
  const by = body.by === undefined ? {} : { by: body.by }
  const change = { to, at, height, entry, ground: body.ground, ...by } as Change
  return [
    recordWrite({ ...record, changes: [...record.changes, change] }),
    pageWrite(view, record, to),
  ]
}

/** The domain of certificates: their life, their status now and then, and their places in lists. */
export const certificates: Domain = {
  name: 'certificates',
  types: [
    issue,
    changeType('hold'),
    changeType('suspend'),
    changeType('resume'),
    changeType('revoke'),
    changeType('supersede'),
    ...disputeTypes,
  ],
  codes: certificatesCodes,
  maps: [{ prefix: statusPrefix, map: 'now' }],
  // A dispute is a mark on the certificate's handle as well, for whoever reads marks alone.
  effectsOn: ['members/mark/'],
}
