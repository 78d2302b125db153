// Refusal codes of this room, each with one line of English.

/** Codes that `apply` itself gives, beside those of the domains. */
export const applyCodes: readonly { readonly code: string; readonly meaning: string }[] = [
  { code: 'apply/entry', meaning: 'an entry does not have the one form of entries' },
  { code: 'apply/frame-form', meaning: 'a frame of the journal is not whole' },
  { code: 'apply/frame-hash', meaning: 'a frame of the journal is damaged or out of its place' },
  { code: 'apply/outcome-too-large', meaning: 'the outcome of a command does not fit its entry' },
  { code: 'apply/writes-too-large', meaning: 'what a command would write is too long to be kept' },
]
