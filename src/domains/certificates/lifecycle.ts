// What may follow what in the life of a certificate, as a total table: for each status and each
// kind of step either the next status or the code of the refusal. A missing cell does not compile.
// Nothing leads back from revoked and superseded: whoever relied on an end may rely on it for ever.

/** Every refusal that this room writes into entries. What to do about each: codes.md. */
export const certificatesCodes = [
  'certificates/not-active',
  'certificates/officers-required',
  'certificates/foreign-approval',
  'certificates/same-officer',
  'certificates/not-accredited',
  'certificates/handle-known',
  'certificates/digest-known',
  'certificates/index-used',
  'certificates/bad-interval',
  'certificates/unknown-certificate',
  'certificates/not-issuer',
  'certificates/already-held',
  'certificates/already-suspended',
  'certificates/already-revoked',
  'certificates/already-superseded',
  'certificates/not-suspended',
  'certificates/is-suspended',
  'certificates/has-expired',
  'certificates/history-full',
  'certificates/bad-successor',
  'certificates/is-frozen',
  'certificates/already-disputed',
  'certificates/not-disputed',
] as const

export type Code = (typeof certificatesCodes)[number]

/**
 * `held` is a precaution while something is looked into, `suspended` a measure that was decided.
 * Expiry is no status of its own: it follows from the record and the time that is asked about.
 */
export type Status = 'none' | 'valid' | 'held' | 'suspended' | 'revoked' | 'superseded'

export type Step = 'issue' | 'hold' | 'suspend' | 'resume' | 'revoke' | 'supersede'

/** A step leads to a status or is refused. */
export type Outcome = { readonly to: Status } | { readonly refuse: Code }

type Table = { readonly [status in Status]: { readonly [step in Step]: Outcome } }

const to = (status: Status): Outcome => ({ to: status })
const refuse = (code: Code): Outcome => ({ refuse: code })

function ended(code: Code): { readonly [step in Step]: Outcome } {
  return {
    issue: refuse('certificates/handle-known'),
    hold: refuse(code),
    suspend: refuse(code),
    resume: refuse(code),
    revoke: refuse(code),
    supersede: refuse(code),
  }
}

export const certificateTable: Table = {
  none: {
    issue: to('valid'),
    hold: refuse('certificates/unknown-certificate'),
    suspend: refuse('certificates/unknown-certificate'),
    resume: refuse('certificates/unknown-certificate'),
    revoke: refuse('certificates/unknown-certificate'),
    supersede: refuse('certificates/unknown-certificate'),
  },
  valid: {
    issue: refuse('certificates/handle-known'),
    hold: to('held'),
    suspend: to('suspended'),
    resume: refuse('certificates/not-suspended'),
    revoke: to('revoked'),
    supersede: to('superseded'),
  },
  held: {
    issue: refuse('certificates/handle-known'),
    hold: refuse('certificates/already-held'),
    suspend: to('suspended'),
    resume: to('valid'),
    revoke: to('revoked'),
    // A lost certificate is replaced while it is on hold.
    supersede: to('superseded'),
  },
  suspended: {
    issue: refuse('certificates/handle-known'),
    hold: refuse('certificates/already-suspended'),
    suspend: refuse('certificates/already-suspended'),
    resume: to('valid'),
    revoke: to('revoked'),
    // A new certificate is no way around a measure against the old one.
    supersede: refuse('certificates/is-suspended'),
  },
  revoked: ended('certificates/already-revoked'),
  superseded: ended('certificates/already-superseded'),
}
