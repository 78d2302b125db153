// The refusal codes of this room, one line each. The table in docs/protocol/codes.md is checked
// against this list.

/** A refusal code with its meaning in one line of English. */
export type CodeLine = readonly [code: string, meaning: string]

/** Every code that decoding a command can give. */
export const commandCodes: readonly CodeLine[] = []
