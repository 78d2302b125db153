// SHA256SUMS: one line a file, as `sha256sum -c` reads it, so that anybody can check a copy without
// this program. It has one form, so that a changed bit in it is noticed like one anywhere else.
import { utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'

/** Name of the file with the sums. */
export const sumsName = 'SHA256SUMS'

const lineForm = /^([0-9a-f]{64}) {2}([A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9_-][\w.-]*)*)$/

/** Longest file of sums that is read. */
export const sumsBytesMax = 268_435_456

/** The text over files by name, in the order of their names. */
export function sumsText(sums: ReadonlyMap<string, string>): string {
  const names = [...sums.keys()].toSorted((a, b) => (a < b ? -1 : 1))
  return names.map((name) => `${sums.get(name) ?? ''}  ${name}\n`).join('')
}

/** Untrusted. Sums by name; null unless the text is exactly what `sumsText` writes. */
export function parseSums(bytes: Bytes): ReadonlyMap<string, string> | null {
  const text = utf8Decode(bytes)
  if (text === null || !text.endsWith('\n')) return null
  const sums = new Map<string, string>()
  for (const line of text.slice(0, -1).split('\n')) {
    const [, sum, name] = lineForm.exec(line) ?? []
    if (sum === undefined || name === undefined || name === sumsName) return null
    sums.set(name, sum)
  }
  return sumsText(sums) === text ? sums : null
}
