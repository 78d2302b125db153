// The code version of the running release: SHA-256 over the sources that decide what a command
// does, and the exact version of Node. Frames carry it, so an auditor knows which release must
// reproduce them, and a node knows when it runs other code than the ledger asks for.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { concat, u32be, utf8Encode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { sha256 } from '#base/crypto'

const layers = ['base', 'ledger', 'blueprint', 'domains'] as const

/**
 * SHA-256 over, for every product file of the pure layers in byte order of its path:
 * u32 length ‖ path ‖ u32 length ‖ content; then u32 length ‖ `process.version`.
 */
export function codeVersion(): Bytes {
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  const parts: Bytes[] = []
  for (const path of layers.flatMap((layer) => sourcesBelow(root, layer)).toSorted()) {
    parts.push(...prefixed(utf8Encode(path)), ...prefixed(readFileSync(join(root, path))))
  }
  parts.push(...prefixed(utf8Encode(process.version)))
  return sha256(concat(parts))
}

function prefixed(bytes: Bytes): Bytes[] {
  return [u32be(bytes.length), bytes]
}

function sourcesBelow(root: string, layer: string): string[] {
  let names: string[]
  try {
    names = readdirSync(join(root, layer), { recursive: true, encoding: 'utf8' })
  } catch {
    return []
  }
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${layer}/${name.replaceAll('\\', '/')}`)
}
