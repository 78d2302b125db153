// What the doctor finds: one line a thing that was looked at, with what to do where it is not well.
import type { Text } from '#apps/cli/output'
import { text } from '#apps/cli/output'

export type Level = 'ok' | 'warn' | 'bad'

export type Finding = {
  /** What was looked at, as a stable word for programs. */
  readonly check: string
  readonly level: Level
  readonly name: Text
  readonly said: Text
  readonly remedy?: Text
}

/** A finding; the remedy is for what is not well. */
export function finding(
  check: string,
  level: Level,
  words: { readonly name: Text; readonly said: Text; readonly remedy?: Text },
): Finding {
  return { check, level, ...words }
}

/** The worst level of several. */
export function worst(findings: readonly Finding[]): Level {
  if (findings.some(({ level }) => level === 'bad')) return 'bad'
  return findings.some(({ level }) => level === 'warn') ? 'warn' : 'ok'
}

/** The same words in both languages, for figures and paths. */
export function plain(said: string): Text {
  return text(said, said)
}
