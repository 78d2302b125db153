// Disputes about a certificate: filed by the department to which its holder came, or by one that
// reads it, and taken back by whoever filed it. The status stays as it is; every proof of it says
// from then on since when it is disputed, so that nobody relies on it unaware.
import type { Schema } from '#ledger/command'
import type { CommandType } from '#ledger/apply'
import { clearMark, setMark } from '#domains/members'
import { commandType, no } from './authority.ts'
import type { CertificateRecord, Dispute } from './records.ts'
import { certificateOf, disputesMax, recordWrite } from './records.ts'

/** How a dispute ended. A correction, revocation or new issue is a command of its own. */
export const settlements: readonly string[] = ['corrected', 'rejected', 'withdrawn', 'ended']

const handle: Schema = { k: 'bytes', length: 16 }

type FileBody = { readonly handle: string; readonly matter: string }

const file = commandType<FileBody>({
  name: 'certificate.dispute',
  // The matter is a salted commitment to what the objection says.
  body: { fields: { handle, matter: { k: 'bytes', length: 32 } } },
  decide: (view, body, context) => {
    const record = certificateOf(view, body.handle)
    if (record === undefined) return no('certificates/unknown-certificate', 'body.handle')
    const { member: by, time: from, height } = context
    if (openBy(record, by) !== undefined) return no('certificates/already-disputed')
    const kept = withRoom(record.disputes)
    if (kept.length >= disputesMax) return no('certificates/history-full')
    const disputes = [...kept, { by, from, matter: body.matter }]
    return [
      recordWrite({ ...record, disputes }),
      ...setMark(view, { handle: body.handle, kind: 'disputed', by }, height),
    ]
  },
})

type SettleBody = { readonly handle: string; readonly result: string }

const settle = commandType<SettleBody>({
  name: 'certificate.settle',
  body: { fields: { handle, result: { k: 'enum', of: settlements } } },
  decide: (view, body, context) => {
    const record = certificateOf(view, body.handle)
    if (record === undefined) return no('certificates/unknown-certificate', 'body.handle')
    const { member: by, time: until } = context
    const open = openBy(record, by)
    if (open === undefined) return no('certificates/not-disputed')
    const { result } = body
    const disputes = record.disputes.map((each) =>
      each === open ? { ...each, until, result } : each,
    )
    return [
      recordWrite({ ...record, disputes }),
      ...clearMark(view, { handle: body.handle, kind: 'disputed', by }),
    ]
  },
})

function openBy(record: CertificateRecord, member: string): Dispute | undefined {
  return record.disputes.find(({ by, until }) => by === member && until === undefined)
}

/** The list with room for one more where a dispute that is over can give it. */
function withRoom(disputes: readonly Dispute[]): readonly Dispute[] {
  if (disputes.length < disputesMax) return disputes
  const over = disputes.findIndex(({ until }) => until !== undefined)
  return over < 0 ? disputes : disputes.toSpliced(over, 1)
}

export const disputeTypes: readonly CommandType[] = [file, settle]
