// A department's life with a vault, a mirror of it and a ledger: records are stored and then stood
// for by a command, erased by the ledger's word, backed up once, and both disks lose power again
// and again, also between the sync of the vault and the command. At the end the vault's own disk
// is gone and last week's backup is restored. With what the mirror has every current commitment
// opens; in either case nothing comes back that the ledger says was erased.
import { backupVault, inspectVault, openVault, restoreVault } from '#adapters/vault'
import type { BackupTarget, Vault } from '#adapters/vault'
import { Random } from '#simulation/random'
import { SimDisk, crashModes } from '#simulation/sim-disk'
import { commitmentTo, homeTitle, recordId, vaultKek } from '#test/vault-records'

export type VaultRestores = {
  readonly drills: number
  readonly crashes: number
  /** Current commitments, over all drills. */
  readonly commitments: number
  readonly erased: number
  /** Commitments that did not open after a restore with what the mirror had. */
  readonly unopenable: number
  /** Erased records that a restored vault gave, took again, or held a key of. */
  readonly resurrected: number
  /** Drills without the mirror that did not name exactly what was lost. */
  readonly misreported: number
  readonly first: string
}

const member = 'housing'
const monday = 1_800_000_000_000
const dayMs = 86_400_000

/** What stands on the ledger. */
type Ledger = { readonly current: Set<number>; readonly erased: Set<number> }

class Department {
  readonly ledger: Ledger = { current: new Set(), erased: new Set() }
  readonly random: Random
  readonly backup: BackupTarget = {
    values: new SimDisk(setImmediate),
    keys: new SimDisk(setImmediate),
  }
  disk: SimDisk = new SimDisk(setImmediate)
  mirror: SimDisk = new SimDisk(setImmediate)
  nowMs = monday
  crashes = 0
  #next = 0

  constructor(seed: number) {
    this.random = new Random(seed)
  }

  /** Works until power goes or the steps are done. */
  async live(steps: number): Promise<void> {
    for (let left = steps; left > 0;) {
      this.#arm()
      try {
        const vault = this.#open()
        // At its start a department does what the ledger says and its vault has not done yet.
        await this.#replay(vault)
        for (; left > 0; left -= 1) await this.#step(vault)
        await vault.close()
      } catch (error) {
        if (!this.disk.powerLost && !this.mirror.powerLost) throw error
        this.#crash()
      }
    }
    this.disk.faults = {}
    this.mirror.faults = {}
  }

  async backUp(): Promise<void> {
    this.#crash()
    const vault = this.#open()
    await this.#replay(vault)
    await backupVault(vault, this.disk, this.backup, this.nowMs)
    await vault.close()
  }

  #open(): Vault {
    const { disk, mirror } = this
    return openVault({ disk, mirror, member, kek: vaultKek, now: () => this.nowMs })
  }

  async #step(vault: Vault): Promise<void> {
    this.nowMs += 60_000
    const burst = Array.from({ length: 1 + this.random.below(4) }, () => (this.#next += 1))
    await Promise.all(burst.map((n) => vault.put(homeTitle(n))))
    // Between the sync and the command: the record stands, and nobody ever stands for it.
    if (this.random.oneIn(10)) return
    for (const n of burst) this.ledger.current.add(n)
    if (!this.random.oneIn(3)) return
    const n = this.random.pick([...this.ledger.current])
    this.ledger.current.delete(n)
    this.ledger.erased.add(n)
    await vault.erase(recordId(n), 'law')
  }

  async #replay(vault: Vault): Promise<void> {
    for (const n of this.ledger.erased) {
      if (vault.get(recordId(n)) !== null) await vault.erase(recordId(n), 'law')
    }
  }

  #arm(): void {
    const victim = this.random.oneIn(2) ? this.disk : this.mirror
    victim.faults = { crashAt: 20 + this.random.below(100) }
  }

  #crash(): void {
    this.crashes += 1
    const image = (disk: SimDisk): SimDisk =>
      new SimDisk(setImmediate, disk.crash(this.random.pick(crashModes), this.random))
    this.disk = image(this.disk)
    this.mirror = image(this.mirror)
  }
}

/**
 * So many drills, each of which ends with the loss of the vault's own disk. `forgetful` restores
 * without the ledger's list of erasures: the negative control, in which records come back.
 */
export async function run(options: {
  readonly count: number
  readonly seed: number
  readonly forgetful?: boolean
}): Promise<VaultRestores> {
  const result = {
    drills: 0,
    crashes: 0,
    commitments: 0,
    erased: 0,
    unopenable: 0,
    resurrected: 0,
    misreported: 0,
    first: '',
  }
  for (let i = 0; i < options.count; i += 1) {
    const department = new Department(options.seed + i)
    await department.live(15)
    await department.backUp()
    const backedUp = new Set(department.ledger.current)
    department.nowMs += 7 * dayMs
    await department.live(15)
    const { ledger } = department
    const erased = options.forgetful === true ? [] : [...ledger.erased].map(recordId)
    const whole = restored(department, erased, department.mirror)
    const alone = restored(department, erased)
    const expected = [...ledger.current].filter((n) => !backedUp.has(n)).toSorted((a, b) => a - b)
    result.drills += 1
    result.crashes += department.crashes
    result.commitments += ledger.current.size
    result.erased += ledger.erased.size
    result.unopenable += whole.unopenable.length
    result.resurrected += whole.resurrected + alone.resurrected
    const isNamed = alone.unopenable.join() === expected.map(recordId).join()
    if (!isNamed) result.misreported += 1
    const isWrong = !isNamed || whole.unopenable.length + whole.resurrected + alone.resurrected > 0
    if (isWrong && result.first === '') result.first = `drill ${i}`
  }
  return result
}

/** The vault that comes out of a restore, and what is wrong with it. */
function restored(
  { backup, ledger, nowMs }: Department,
  erased: readonly string[],
  since?: SimDisk,
): { readonly unopenable: readonly string[]; readonly resurrected: number } {
  const to = new SimDisk(setImmediate)
  const options = { to, from: backup, erased, member, kek: vaultKek, nowMs }
  restoreVault(since === undefined ? options : { ...options, since })
  const image = new SimDisk(setImmediate, to.crash('none', new Random(1)))
  const vault = openVault({ disk: image, member, kek: vaultKek, now: () => nowMs })
  const table = image.files().get('keys/table.bin') as Buffer
  const expected = [...ledger.current]
    .toSorted((a, b) => a - b)
    .map((n) => ({ id: recordId(n), commitment: commitmentTo(homeTitle(n)) }))
  const back = [...ledger.erased].filter((n) => {
    const isHere = vault.get(recordId(n)) !== null
    return isHere || hasSlot(table, n)
  })
  const { unopenable } = inspectVault(vault, expected, nowMs)
  return { unopenable, resurrected: back.length }
}

/** Whether a table of keys has a slot of the record: its id stands at byte 16 of one. */
function hasSlot(table: Buffer, n: number): boolean {
  const id = Buffer.from(recordId(n), 'base64url')
  for (let at = 16; at < table.length; at += 128) {
    if (table.subarray(at, at + id.length).equals(id)) return true
  }
  return false
}
