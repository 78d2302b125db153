// Rot: one bit of one file changes. Whatever is then read is either the truth or a clear error;
// a value that is silently wrong counts, and there is none.
import { Failure } from '#adapters/storage'
import { Defect } from '#base/assert'
import { crashModes } from '#simulation/sim-disk'
import { World } from '#simulation/world'
import { Random } from '#simulation/random'

export type Flips = {
  readonly flips: number
  /** Refused at the start or at a read. */
  readonly detected: number
  /** Everything read was still the truth. */
  readonly harmless: number
  readonly silent: number
  readonly byFile: { readonly [kind: string]: number }
  readonly first: string
}

/** So many flips over all files of ledgers that were closed and are opened again. */
export async function run({
  count,
  seed,
}: {
  readonly count: number
  readonly seed: number
}): Promise<Flips> {
  const random = new Random(seed)
  const result = {
    flips: 0,
    detected: 0,
    harmless: 0,
    silent: 0,
    byFile: {} as Record<string, number>,
    first: '',
  }
  while (result.flips < count) {
    const { files, promised, states } = await ledger(random.below(1_000_000))
    for (let i = 0; i < 100 && result.flips < count; i += 1) {
      const path = pickFile(files, random)
      const bit = random.below((files.get(path) as Buffer).length * 8)
      const kind = path.split('/')[0] as string
      result.byFile[kind] = (result.byFile[kind] ?? 0) + 1
      result.flips += 1
      const verdict = read({ files, promised, states }, path, bit)
      result[verdict.what] += 1
      if (verdict.what === 'silent' && result.first === '') {
        result.first = `${path} bit ${bit}: ${verdict.why}`
      }
    }
  }
  return result
}

/** Every kind of file in turn is hit as often, however few of it there are. */
function pickFile(files: ReadonlyMap<string, Buffer>, random: Random): string {
  const names = [...files].filter(([, bytes]) => bytes.length > 0).map(([name]) => name)
  const kinds = [...new Set(names.map((name) => name.split('/')[0] as string))]
  const kind = random.pick(kinds)
  return random.pick(names.filter((name) => name.split('/')[0] === kind))
}

type Kept = {
  readonly files: ReadonlyMap<string, Buffer>
  readonly promised: World['promised']
  readonly states: ReadonlyMap<string, string>
}

async function ledger(seed: number): Promise<Kept> {
  const world = new World({ seed, snapshotEvery: 15, segmentBytes: 12_000 })
  const host = world.start()
  // Every second ledger is large enough for full tiles.
  const steps = seed % 2 === 0 ? 260 : 40
  for (let step = 0; step < steps; step += 1) {
    world.send()
    await world.clock.pass(world.random.below(world.random.oneIn(8) ? 12_000 : 4))
  }
  await world.clock.pass(20_000)
  const closed = host.close()
  await world.clock.pass(1000)
  await closed
  const states = new Map<string, string>()
  for (let i = 0; i < 12; i += 1) {
    const text = host.recordText(`notes/current/n${i}`)
    if (text !== undefined) states.set(`notes/current/n${i}`, text)
  }
  return {
    files: world.disk.crash(crashModes[1], world.random),
    promised: [...world.promised],
    states,
  }
}

type Verdict = { readonly what: 'detected' | 'harmless' | 'silent'; readonly why?: string }

function read(kept: Kept, path: string, bit: number): Verdict {
  const world = new World({ seed: 1 })
  const copies = new Map([...kept.files].map(([name, bytes]) => [name, Buffer.from(bytes)]))
  const rotten = copies.get(path) as Buffer
  rotten[bit >> 3] = (rotten[bit >> 3] as number) ^ (1 << (bit & 7))
  world.restore(copies)
  try {
    const host = world.start()
    for (const one of kept.promised) {
      const found = host.receipt(one.member, one.id)
      if (found === null) return { what: 'silent', why: `entry ${one.entry} is gone` }
      if (found.leaf !== one.leaf || found.entry !== one.entry) {
        return { what: 'silent', why: `entry ${one.entry} differs` }
      }
    }
    for (const [key, text] of kept.states) {
      if (host.recordText(key) !== text) return { what: 'silent', why: `record ${key} differs` }
    }
    const { size } = host.head()
    for (let i = 0; i < size; i += 1) host.proofs.inclusion(i, size)
    world.checkAll(host)
    return { what: 'harmless' }
  } catch (error) {
    if (error instanceof Failure || error instanceof Defect) return { what: 'detected' }
    return { what: 'silent', why: String(error).slice(0, 160) }
  }
}
