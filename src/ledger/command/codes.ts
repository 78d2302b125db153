// The refusal codes of this room, one line each. The table in docs/protocol/codes.md is checked
// against this list.

/** A refusal code with its meaning in one line of English. */
export type CodeLine = readonly [code: string, meaning: string]

/** Every code that decoding a command can give. */
export const commandCodes: readonly CodeLine[] = Object.freeze([
  ['command/oversized', 'a text or field is longer than its limit'],
  ['command/not-ascii', 'a byte above 0x7f'],
  ['command/control-character', 'a control character'],
  ['command/whitespace', 'white space, inside or outside a string'],
  ['command/backslash', 'a backslash: strings have no escapes'],
  ['command/bad-json', 'a character that JSON does not allow there'],
  ['command/truncated', 'the text ends inside a value'],
  ['command/trailing-bytes', 'bytes after the end of the value'],
  ['command/bad-number', 'not an integer in its one form, or outside ±(2^53 - 1)'],
  ['command/too-deep', 'arrays and objects nest too deep'],
  ['command/too-many-members', 'too many members in all objects together'],
  ['command/duplicate-key', 'a key that the object already has'],
  ['command/forbidden-key', 'the key __proto__'],
  ['command/integer-key', 'a key of digits alone'],
  ['command/empty-key', 'an empty key'],
  ['command/jws-parts', 'not three parts joined by two dots'],
  ['command/bad-base64url', 'not canonical unpadded base64url'],
  ['command/header-order', 'the header has alg, kid and typ in another order'],
  ['command/header-members', 'the header has other members than alg, kid and typ'],
  ['command/bad-alg', 'the algorithm is not ES256'],
  ['command/bad-kid', 'the key id is not an RFC 7638 thumbprint'],
  ['command/bad-typ', 'the typ is that of another kind of artefact'],
  ['command/bad-signature', 'the signature has not 64 bytes'],
  ['command/bad-members', 'an object has not exactly its members in their order'],
  ['command/bad-member', 'a member has the wrong form'],
  ['command/intents-count', 'no intent, too many, or not as many as were signed'],
  ['command/intent-hash', 'an intent is not the one that was signed at its position'],
  ['command/duplicate-intent', 'one intent twice in an envelope'],
  ['command/approvals-count', 'no approval in a list of approvals, or too many'],
  ['command/approval-position', 'approvals for no position of the envelope, or out of order'],
  ['command/documents-count', 'an empty list of documents, or too many'],
  ['command/documents-oversized', 'documents of more than 1 MiB together'],
  ['command/duplicate-document', 'one document twice'],
  ['command/schema', 'the body does not fit the schema of its command type'],
] as const)
