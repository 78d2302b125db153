// The refusal codes of starting a node: why a configuration or a directory is not taken. The table
// in docs/protocol/codes.md is checked against this list.
import type { CodeLine } from '#ledger/command'

/** Every code with which a start is refused. */
export const startCodes: readonly CodeLine[] = Object.freeze([
  ['node/unknown-setting', 'there is no such setting'],
  ['node/bad-setting', 'a setting has not its form, or stands twice'],
  ['node/missing-setting', 'a setting that is needed is absent'],
  ['node/config-not-read', 'the configuration file cannot be read or is not TOML'],
  ['node/no-ledger', 'the directory holds no ledger'],
  ['node/port-taken', 'another process listens on this port'],
  ['node/missing-key', 'a key that the node needs is not held'],
  ['node/other-ledger', 'the directory holds another ledger than the one asked for'],
  ['node/other-history', 'the kept checkpoint was signed over another history than the journal'],
  ['node/other-code', 'from this height on the ledger asks for another release'],
] as const)
