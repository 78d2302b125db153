// A fault of a declared file as people read it: place, reason, what stands there, what may, which
// known word is nearest, and what to do, complete in each language.
import type { Language, TextRow } from '#blueprint/grammar'
import { explainBy } from '#blueprint/grammar'

/** A fault of a declared file. */
export type DeclaredFault<Code extends string = string> = {
  readonly path: string
  readonly code: Code
  readonly found?: string
  readonly among?: readonly string[]
  readonly bound?: string
  /** What is meant, where the code alone does not say: a name, or a sentence in both languages. */
  readonly detail?: string | { readonly zh: string; readonly en: string }
}

/** A fault in one language. */
export type DeclaredWords = {
  readonly path: string
  readonly code: string
  readonly reason: string
  readonly remedy: string
  /** The known word that is nearest to what stands there. */
  readonly near?: string
}

const amongShown = 12

/** The words of a fault. `nearest` gives the known word that somebody probably meant. */
export function wordsOfFault(
  fault: DeclaredFault,
  language: Language,
  of: {
    readonly texts: readonly TextRow[]
    readonly nearest: (word: string, among: readonly string[]) => string | undefined
  },
): DeclaredWords {
  const { path, code, found, among, bound } = fault
  const own = explainBy(of.texts, { path, code }, language)
  const zh = language === 'zh'
  const parts = [own?.reason ?? code]
  const { detail } = fault
  if (detail !== undefined) parts.push(typeof detail === 'string' ? detail : detail[language])
  if (found !== undefined) parts.push(zh ? `现为 ${found}` : `it says ${found}`)
  if (bound !== undefined) parts.push(zh ? `允许 ${bound}` : `allowed are ${bound}`)
  if (among !== undefined && among.length > 0) {
    const shown = among.slice(0, amongShown).join(zh ? '、' : ', ')
    const rest = among.length > amongShown ? ' …' : ''
    parts.push(zh ? `可用：${shown}${rest}` : `known are ${shown}${rest}`)
  }
  const word = found?.startsWith('"') === true ? found.slice(1, -1) : undefined
  const near = word === undefined ? undefined : of.nearest(word, among ?? [])
  const remedy = own?.remedy ?? ''
  const meant = near === undefined ? '' : zh ? `是否为 ${near}？` : `did you mean ${near}? `
  const reason = parts.join(zh ? '；' : '; ')
  return {
    path,
    code,
    reason,
    remedy: `${meant}${remedy}`,
    ...(near === undefined ? {} : { near }),
  }
}
