// The refusal codes of this room, one line each. The table in docs/protocol/codes.md is checked
// against this list.
import type { CodeLine } from '#ledger/command'

/** Every code that admission and the verification of approvals can give. */
export const validateCodes: readonly CodeLine[] = []
