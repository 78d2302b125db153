// The limits of a command. Every length, count and depth that an unknown sender can choose is
// bounded here, so that the cost of refusing is known before a byte is read. Numbers are part of
// the protocol (docs/protocol/command.md): two nodes with different limits would not agree.

/** Longest compact JWS of a command or envelope, in bytes. */
export const commandBytesMax = 49_152

/** Longest intent, in bytes. */
export const intentBytesMax = 24_576

/** Most intents under one signature. */
export const envelopeIntentsMax = 64

/** Deepest nesting of arrays and objects in one decoded text. */
export const depthMax = 16

/** Most object members in one decoded text, all objects together. */
export const membersMax = 512

/** Most bytes of documents beside one command, and in one block. */
export const documentBytesMax = 1_048_576

/** Most documents beside one command. */
export const documentsMax = 64

/** Most officers' approvals of one intent. */
export const approvalsMax = 8

/** Longest entry of the log, in bytes: its length stands in 16 bits in a bundle. */
export const entryBytesMax = 65_535

/** Longest time between a block and the `notAfter` of a command in it, in milliseconds: 7 days. */
export const windowMs = 604_800_000

/** Longest submission (command or envelope with intents and documents), in characters. */
export const submissionBytesMax = 4_194_304

/** Longest protected header of a JWS, in base64url characters. */
export const headerBytesMax = 256

/** Longest authenticator data of an approval, in bytes. */
export const authenticatorDataBytesMax = 512

/** Longest client data of an approval, in bytes. */
export const clientDataBytesMax = 2_048

/** Longest assertion signature of an approval, in bytes: RSA with 4096 bits. */
export const assertionSignatureBytesMax = 512
