// Parts of paths and queries as handlers want them. Untrusted: each has one form, and what has
// another is refused by its name, never repeated.
import type { Refusal } from '#ledger/command'

/** A parameter as a handler wants it, or the refusal to answer with. */
export type Parameter<T> = T | Refusal

/** The first parameter of this name in a query, or undefined. */
export function queryOf(query: string, name: string): string | undefined {
  if (query === '') return undefined
  return new URLSearchParams(query).get(name) ?? undefined
}

/** A count in decimal without leading zeros and below 2^53; null for everything else. */
export function parseCount(untrusted: string): number | null {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(untrusted)) return null
  const count = Number(untrusted)
  return Number.isSafeInteger(count) ? count : null
}

/** A count in the query or path; `absent` when it is not there. */
export function countOf(text: string | undefined, name: string, absent: number): Parameter<number> {
  if (text === undefined) return absent
  return parseCount(text) ?? { code: 'node/bad-parameter', at: name }
}

const keyForm = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/

/** The record's key in a path, or the refusal of another form. */
export function recordKeyOf(part: string | undefined): Parameter<string> {
  let key = part ?? ''
  if (key.includes('%')) {
    try {
      key = decodeURIComponent(key)
    } catch {
      return { code: 'node/bad-parameter', at: 'key' }
    }
  }
  return keyForm.test(key) ? key : { code: 'node/bad-parameter', at: 'key' }
}
