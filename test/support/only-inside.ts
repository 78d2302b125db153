// Holds that what was planted in a member's own system is in no byte of anybody else: no file of
// the city, no word to an operator, no vault as its own department reads it. Nothing here is part
// of the product.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { CityWorld } from './city-world.ts'

export type Planted = {
  /** A text of the row that nobody asks for: not even its owner's vault has it. */
  readonly row: string
  /** Values from which its owner answers; they stay in its vault. */
  readonly values: readonly string[]
  /** The case in which it answered. */
  readonly id: string
  /** What nodes said to their operators. */
  readonly said: readonly string[]
}

/** Looks for what was planted with its owner, where it must be, and everywhere else. */
export function onlyInside(world: CityWorld, owner: string, planted: Planted): void {
  const { row, values, id, said } = planted
  const isIn = finder([row, ...values])
  const { directory, members } = world.city
  const own = world.city.member(owner).layout.root
  const paths = globSync('**', { cwd: directory, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
  const isInside = (path: string): boolean => !relative(own, path).startsWith('..')
  const outside = paths.filter((path) => !isInside(path))
  assert.ok(
    paths.some((path) => isInside(path) && readFileSync(path).includes(row)),
    'it is at its owner’s',
  )
  assert.ok(outside.length > 50)
  assert.deepEqual(
    outside.filter((path) => isIn(readFileSync(path))),
    [],
  )
  // Vaults are encrypted: what members have in them is looked at as they see it.
  for (const { code, vault } of members.values()) {
    const seen = Buffer.from(JSON.stringify(vault.find({ case: id })))
    if (code !== owner) assert.ok(!isIn(seen), code)
    else {
      assert.ok(!seen.includes(row), code)
      for (const value of values) assert.ok(seen.includes(value), 'its owner answers from it')
    }
  }
  assert.ok(!isIn(Buffer.from(said.join('\n'))))
}

function finder(values: readonly string[]): (content: Buffer) => boolean {
  const forms = values.flatMap((value) => {
    const bytes = Buffer.from(value)
    const encoded = (['hex', 'base64', 'base64url'] as const).map((as) => bytes.toString(as))
    return [bytes, Buffer.from(value, 'utf16le'), ...encoded.map((text) => Buffer.from(text))]
  })
  return (content) => forms.some((form) => content.includes(form))
}
