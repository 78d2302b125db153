// The vault and power: at a random operation the machine loses what was not synced, in one of five
// ways. What `put` answered for opens, what was erased stays erased, and the vault starts again.
// The same run with syncs that do nothing must fail.
import { isDeepStrictEqual } from 'node:util'
import { openVault } from '#adapters/vault'
import type { Vault } from '#adapters/vault'
import { Random } from '#simulation/random'
import { SimDisk, crashModes } from '#simulation/sim-disk'
import type { Faults } from '#simulation/sim-disk'
import { homeTitle, recordId, vaultKek } from '#test/vault-records'

export type VaultImages = {
  readonly images: number
  readonly stored: number
  readonly erased: number
  readonly wrong: number
  readonly first: string
}

/** What the vault has answered for. */
type Promised = {
  readonly stored: Set<number>
  readonly erased: Set<number>
  /** Records whose erasure was asked for and not answered: either way is right. */
  readonly open: Set<number>
  next: number
}

const nowMs = 1_800_000_000_000
const open = (disk: SimDisk): Vault =>
  openVault({ disk, member: 'housing', kek: vaultKek, now: () => nowMs, segmentBytes: 20_000 })

/** So many crash images, four of one vault after another. */
export async function run(options: {
  readonly count: number
  readonly seed: number
  readonly faults?: Faults
}): Promise<VaultImages> {
  const result = { images: 0, stored: 0, erased: 0, wrong: 0, first: '' }
  while (result.images < options.count) {
    const random = new Random(options.seed + result.images)
    const promised: Promised = { stored: new Set(), erased: new Set(), open: new Set(), next: 0 }
    let disk = new SimDisk(setImmediate)
    for (let life = 0; life < 4 && result.images < options.count; life += 1) {
      disk.faults = { ...options.faults, crashAt: 5 + random.below(90) }
      await live(disk, promised, random)
      const mode = crashModes[result.images % crashModes.length] ?? 'torn'
      disk = new SimDisk(setImmediate, disk.crash(mode, random))
      const wrong = judge(disk, promised)
      result.images += 1
      if (wrong === '') continue
      result.wrong += 1
      if (result.first === '') result.first = `image ${result.images}, ${mode}: ${wrong}`
      break
    }
    result.stored += promised.stored.size
    result.erased += promised.erased.size
  }
  return result
}

async function live(disk: SimDisk, promised: Promised, random: Random): Promise<void> {
  try {
    const vault = open(disk)
    for (let step = 0; step < 60; step += 1) {
      const burst = Array.from({ length: 1 + random.below(6) }, () => (promised.next += 1))
      await Promise.all(
        burst.map(async (n) => {
          await vault.put(homeTitle(n))
          promised.stored.add(n)
        }),
      )
      if (!random.oneIn(3)) continue
      const victim = random.pick([...promised.stored])
      promised.stored.delete(victim)
      promised.open.add(victim)
      await vault.erase(recordId(victim), 'law')
      promised.open.delete(victim)
      promised.erased.add(victim)
    }
  } catch (error) {
    if (!disk.powerLost) throw error
  }
}

/** Why the vault after the crash is not right, or nothing. */
function judge(disk: SimDisk, promised: Promised): string {
  try {
    const vault = open(disk)
    for (const n of promised.stored) {
      if (!isDeepStrictEqual(vault.get(recordId(n)), homeTitle(n))) return `record ${n} is lost`
    }
    for (const n of promised.erased) {
      if (vault.get(recordId(n)) !== null) return `record ${n} came back`
    }
    for (const n of promised.open) {
      const record = vault.get(recordId(n))
      if (record === null) promised.erased.add(n)
      else promised.stored.add(n)
    }
    promised.open.clear()
    return ''
  } catch (error) {
    return String(error)
  }
}

export type VaultFlips = {
  readonly flips: number
  readonly detected: number
  readonly harmless: number
  readonly silent: number
  readonly first: string
}

/** So many single bits, each flipped in one of a vault's files: none changes what a vault says. */
export async function flips(options: {
  readonly count: number
  readonly seed: number
}): Promise<VaultFlips> {
  const random = new Random(options.seed)
  const result = { flips: 0, detected: 0, harmless: 0, silent: 0, first: '' }
  const disk = new SimDisk(setImmediate)
  const vault = open(disk)
  for (let n = 1; n <= 60; n += 4) {
    await Promise.all([n, n + 1, n + 2, n + 3].map((each) => vault.put(homeTitle(each))))
    if (n % 3 === 0) await vault.erase(recordId(n), 'law')
  }
  await vault.close()
  const files = disk.files()
  const bits = [...files].map(([path, bytes]) => ({ path, bits: bytes.length * 8 }))
  for (; result.flips < options.count; result.flips += 1) {
    const { path, bits: size } = random.pick(bits.filter((file) => file.bits > 0))
    const flipped = new SimDisk(
      setImmediate,
      new Map([...files].map(([name, bytes]) => [name, Buffer.from(bytes)])),
    )
    const bit = random.below(size)
    flipped.flip(path, bit)
    const seen = look(flipped)
    result[seen] += 1
    if (seen === 'silent' && result.first === '') result.first = `${path}, bit ${bit}`
  }
  return result
}

/** Whether a vault with a flipped bit says so, says the truth, or says something else. */
function look(disk: SimDisk): 'detected' | 'harmless' | 'silent' {
  let detected = false
  try {
    const vault = open(disk)
    for (let n = 1; n <= 60; n += 1) {
      const erased = n % 12 === 9
      try {
        const record = vault.get(recordId(n))
        if (erased ? record !== null : !isDeepStrictEqual(record, homeTitle(n))) return 'silent'
      } catch {
        detected = true
      }
    }
  } catch {
    detected = true
  }
  return detected ? 'detected' : 'harmless'
}
