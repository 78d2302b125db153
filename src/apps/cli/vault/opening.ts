// The vault that a command means: a directory, the file of its key, and the member whose it is. It
// is taken for this process alone, so the department that works with it must be stopped.
import fs from 'node:fs'
import { join } from 'node:path'
import { fsDisk, lockDirectory } from '#adapters/storage'
import { openKek, openVault } from '#adapters/vault'
import type { Disk, Kek, Vault } from '#adapters/vault'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, text } from '#apps/cli/output'

export type OpenedVault = {
  readonly vault: Vault
  readonly disk: Disk
  readonly kek: Kek
}

/** Runs over the vault of `--vault`, `--mirror`, `--key` and `--member`, and closes it. */
export async function withVault<Result>(
  { values }: Ask,
  act: (opened: OpenedVault) => Promise<Result>,
): Promise<Result> {
  const { vault: root = '', key = '', member = '', mirror } = values
  // A slip in the path must not make an empty vault that looks well.
  if (!fs.existsSync(join(root, 'keys'))) {
    throw new Stop({
      code: 'cli/not-found',
      exit: exits.failure,
      at: root,
      remedy: text('此目录没有保险库', 'there is no vault in this directory'),
    })
  }
  const kek = openKek(key)
  const disk = fsDisk(root)
  const second = mirror === undefined ? {} : { mirror: fsDisk(mirror) }
  const lock = (): (() => void) => lockDirectory(root)
  const vault = openVault({ disk, lock, member, kek, ...second })
  try {
    return await act({ vault, disk, kek })
  } finally {
    await vault.close()
  }
}
