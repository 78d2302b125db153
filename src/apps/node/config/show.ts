// Showing the configuration: what holds and why. Secrets are shown as set or not set, and nothing
// more, because what is printed is pasted into tickets.
import type { Config } from './read.ts'
import { flagOf, settings, variableOf } from './settings.ts'

export type Shown = {
  readonly name: string
  readonly value: string | null
  readonly source: string
}

/** Every setting with its value and where it came from. */
export function shownConfig(config: Config): readonly Shown[] {
  return settings.map(({ name, kind }) => {
    const found = config.find(name)
    const value = found === undefined ? null : kind.k === 'secret' ? '(set)' : found.value
    return { name, value, source: found?.source ?? 'not set' }
  })
}

/** The same as lines for people. */
export function configLines(config: Config): string {
  return shownConfig(config)
    .map(({ name, value, source }) => `${name} = ${value ?? '(none)'}    # ${source}\n`)
    .join('')
}

/** What every setting is for, with its three names. */
export function settingsHelp(): string {
  return settings
    .map(({ name, about, fallback }) => {
      const usual = fallback === undefined ? '' : ` (${fallback})`
      return `  --${flagOf(name)}, ${variableOf(name)}\n      ${about}${usual}\n`
    })
    .join('')
}
