// Rules of determinism: what the pure layers never name, so that every member computes the same
// from the same bytes. Each entry says what to use instead.
import { pure } from './table.ts'
import { lineAt } from './scan.ts'
import { productOf, type Offence, type Source, type Tree } from './tree.ts'

type Ban = readonly [pattern: RegExp, instead: string]

const clockAndChance: readonly Ban[] = [
  [/\bDate\b/g, "time is the block's"],
  [/\bperformance\b/g, "time is the block's"],
  [/\bMath\.random\b/g, 'chance comes in as bytes'],
  [/\bcrypto\s*\.\s*(?:random\w*|getRandomValues|subtle)/g, 'chance comes in as bytes'],
  [/\brandom(?:Bytes|UUID|Int|FillSync)\b/g, 'chance comes in as bytes'],
]

const world: readonly Ban[] = [
  [/\basync\b/g, 'pure code is synchronous'],
  [/\bawait\b/g, 'pure code is synchronous'],
  [/\bPromise\b/g, 'pure code is synchronous'],
  [/\bprocess\s*\./g, 'settings come in as arguments'],
  [/\bconsole\s*\./g, 'pure code prints nothing'],
  [/\bset(?:Timeout|Interval|Immediate)\b/g, 'pure code does not wait'],
  [/\bqueueMicrotask\b/g, 'pure code does not wait'],
  [/\bfetch\s*\(/g, 'pure code reads nothing'],
  [/\bglobalThis\b/g, 'globals differ between hosts'],
  [/\bimport\s*\(/g, 'pure code loads nothing'],
  [/\bimport\.meta\b/g, 'pure code knows no place'],
  [/\b(?:eval|Function)\s*\(/g, 'code is not data'],
  [/\b(?:WeakRef|FinalizationRegistry)\b/g, 'collection differs between runs'],
]

const numbers: readonly Ban[] = [
  [/\bMath\.(?!(?:floor|ceil|trunc|min|max|abs|sign|imul|clz32)\b)\w+/g, 'integers only'],
  [/\b(?:parseFloat|toFixed|toPrecision|toExponential)\b/g, 'integers only'],
  [/\bFloat(?:16|32|64)(?:Array)?\b/g, 'integers only'],
  [/(?<![\w.$])\d[\d_]*(?:\.\d|e[-+]?\d)/g, 'integers only'],
]

const text: readonly Ban[] = [
  [/\bIntl\b/g, 'tables of a host differ'],
  [/\.\s*toLocale\w+/g, 'tables of a host differ'],
  [/\.\s*localeCompare\b/g, 'compare by bytes or code units'],
  [/\.\s*normalize\s*\(/g, 'text is normalised at the edge, before signing'],
  [/\.\s*to(?:Upper|Lower)Case\b/g, 'tables of a host differ; map ASCII by hand'],
  [/\.\s*(?:sort|toSorted)\s*\(\s*\)/g, 'say by what to sort'],
  [/\bfor\s*\(\s*(?:const|let|var)\s+[\w$]+\s+in\b/g, 'key order is not data'],
  [/\bJSON\s*\.\s*parse\b/g, 'foreign bytes go through the strict tokenizer'],
  [/\bJSON\s*\.\s*stringify\b/g, 'use encodeCanonical'],
  [/\.\s*stack\b/g, 'a stack is not data'],
  [/\b(?:e|err|error|cause|failure)\s*\.\s*message\b/g, 'a message is not data'],
]

const bans: readonly Ban[] = [...clockAndChance, ...world, ...numbers, ...text]

export function purity(tree: Tree): Offence[] {
  return productOf(tree)
    .filter(({ layer }) => pure.includes(layer))
    .flatMap((file) => [...calls(file), ...tables(file)])
}

function calls(file: Source): Offence[] {
  return bans.flatMap(([pattern, instead]) =>
    [...file.scan.code.matchAll(pattern)].map((match) => ({
      path: file.path,
      line: lineAt(file.text, match.index),
      what: `${match[0].replace(/\s+/g, ' ').trim()}: ${instead}`,
    })),
  )
}

/** A pattern over Unicode properties gives another answer with the host's next Unicode table. */
function tables(file: Source): Offence[] {
  return file.scan.patterns
    .filter(({ text: inside }) => /\\p\{/i.test(inside))
    .map(({ at }) => ({
      path: file.path,
      line: lineAt(file.text, at),
      what: 'pattern over a Unicode table: name the characters',
    }))
}
