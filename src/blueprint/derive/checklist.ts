// The checklist of materials: what people are asked for and what registers are asked for instead.
import type { Blueprint } from '#blueprint/grammar'
import { isSubject } from '#blueprint/grammar'
import { byName, elseOf } from '#blueprint/check'

/** One item of the list; `fallback` is what a person may give if the register fails. */
export type Material = {
  readonly item: string
  readonly from: string
  readonly fallback: 'ask' | 'owe' | 'pledge' | null
}

export type Checklist = {
  readonly asked: readonly Material[]
  readonly fetched: readonly Material[]
  /** Fetched of all materials, in whole percent, rounded down; null if there are none. */
  readonly savedPercent: number | null
}

/** The checklist of an application. Items that only a mandate needs are on it too. */
export function checklistOf({ evidence, parties }: Blueprint): Checklist {
  const asked: Material[] = []
  const fetched: Material[] = []
  for (const item of byName(Object.keys(evidence))) {
    const { from, else: other } = evidence[item] as (typeof evidence)[string]
    const source = parties[from ?? '']
    if (from === undefined || source === undefined) continue
    const { kind } = elseOf(other)
    const fallback = kind === '' ? null : (kind as 'ask' | 'owe' | 'pledge')
    const list = isSubject(source) ? asked : fetched
    list.push({ item, from, fallback })
  }
  const all = asked.length + fetched.length
  const savedPercent = all === 0 ? null : Math.floor((fetched.length * 100) / all)
  return { asked, fetched, savedPercent }
}
