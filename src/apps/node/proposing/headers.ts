// The header words of a pack: what departments write above columns, by what is meant. It is data,
// read strictly; a word under two meanings of one type would decide nothing and is allowed only
// where the meanings are of different types.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { assert } from '#base/assert'
import { readJsonText } from '#blueprint/grammar'
import type { Misfit } from '#apps/node/declared'
import { listOf, mapOf, oneOf, record, textOf } from '#apps/node/declared'
import type { HeaderWords } from './fitting.ts'

const packs = fileURLToPath(new URL('../../../../packs/', import.meta.url))
const wordMax = 40

const words = listOf(textOf(wordMax), { min: 1, max: 32, once: true })
const whole = record({ format: oneOf(['lianban/headers/1']), columns: mapOf(words) })

/** The header words of a city's pack. Its files are the house's own. */
export function readHeaderWords(city: string): HeaderWords {
  const path = `${packs}${city}/headers.json`
  const read = readJsonText(readFileSync(path, 'utf8'))
  assert('value' in read, `${path} is JSON`)
  const misfits: Misfit[] = []
  whole(read.value, '', misfits)
  assert(misfits.length === 0, `${path} is sound: ${JSON.stringify(misfits)}`)
  const { columns } = read.value as unknown as {
    readonly columns: { readonly [name: string]: readonly string[] }
  }
  return new Map(Object.entries(columns))
}
