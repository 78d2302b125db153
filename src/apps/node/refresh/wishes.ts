// What other processes of the same owner ask of the one that runs a department: they leave a wish
// in its private book, and it leaves there what came of it. Only whoever may read and write the
// department's own folder can do so; nothing crosses to another member.
import { existsSync } from 'node:fs'
import type { Loaded, SourceState, Spoken } from '#apps/node/attesting'
import type { SourceNews } from '#apps/node/casework'
import { RefreshBook } from './book.ts'

/** What a second person has seen of a source, and whose key signs; else not the steward's. */
export type Confirming = { readonly item: string; readonly seen: string; readonly by?: string }

/** An open case, or a watch, that rests on a source which is red. */
export type Resting = { readonly case: string; readonly item: string; readonly source: SourceNews }

/** Something that is wished for. */
export type Wished =
  | { readonly kind: 'scan' }
  | ({ readonly kind: 'confirm' } & Confirming)
  | {
      readonly kind: 'announce'
      readonly item: string
      /** Unix milliseconds. */
      readonly until: number
      readonly reason: string
    }
  | { readonly kind: 'loaded'; readonly loaded: Loaded }
  | { readonly kind: 'vouch'; readonly tables: readonly string[] }

/** What came of a wish: the states after it, and what was said on the ledger. */
export type Outcome = {
  readonly states: readonly SourceState[]
  /** Work of this member that rests on sources of others which are red. */
  readonly resting: readonly Resting[]
  readonly spoken: (Spoken & { readonly state?: string }) | null
}

/** Whoever carries wishes out. */
export type Doing = {
  states(): readonly SourceState[]
  resting(): readonly Resting[]
  /** Inside its own turn. */
  grant(wished: Wished): Promise<Outcome['spoken']>
}

/** Carries out what was wished for, the oldest first. */
export async function carryOut(book: RefreshBook, doing: Doing): Promise<void> {
  for (const { id, wish } of book.wishes()) {
    const spoken = await granted(doing, wish)
    const outcome: Outcome = { states: doing.states(), resting: doing.resting(), spoken }
    book.answer(id, JSON.stringify(outcome))
  }
}

/** A wish that cannot be read or done is answered too, so that it does not come again for ever. */
async function granted(doing: Doing, text: string): Promise<Outcome['spoken']> {
  try {
    return await doing.grant(JSON.parse(text) as Wished)
  } catch (failure) {
    const { code } = failure as { readonly code?: unknown }
    return { code: typeof code === 'string' ? code : 'node/source-failed' }
  }
}

/** How often an outcome is looked for, milliseconds. */
const lookMs = 100

/**
 * Leaves a wish for a running department and waits for what comes of it. Null: nobody looked at it
 * in this time, and it is taken back, unless it is to be kept for later.
 */
export async function wish(
  path: string,
  wished: Wished,
  patience: { readonly ms: number; readonly keeps: boolean },
): Promise<Outcome | null> {
  const book = new RefreshBook(path)
  try {
    const id = book.leave(JSON.stringify(wished))
    for (const until = Date.now() + patience.ms; ;) {
      const outcome = book.outcome(id)
      if (outcome !== null) return JSON.parse(outcome) as Outcome
      if (Date.now() >= until) {
        if (!patience.keeps && !book.takeBack(id)) continue
        return null
      }
      await new Promise((resolve) => setTimeout(resolve, lookMs))
    }
  } finally {
    book.close()
  }
}

/** Whether a department keeps a book of its sources. */
export function hasBook(path: string): boolean {
  return existsSync(path)
}
