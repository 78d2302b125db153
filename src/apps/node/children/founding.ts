// How a city begins before its processes run apart: all members are opened once in one process,
// which makes their keys, fills their systems, and has them say what is said before the first case.
// It promises that a founding that was cut off goes on, and that nothing of it stays open.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openFileStore } from '#adapters/keys'
import { openCity, readPack } from '#apps/node/city'
import type { Config } from '#apps/node/config'
import { layoutOf } from '#apps/node/config'
import type { Log } from '#apps/node/log'
import { held } from '#apps/node/practice'
import { packOf } from './places.ts'

export type FoundingOptions = {
  readonly config: Config
  readonly log: Log
  /** Plain sales for which there are people and homes. */
  readonly sales?: number
}

/** Whether the city in this directory was founded to its end. */
export function isFounded(directory: string): boolean {
  return existsSync(markOf(directory))
}

/** Founds the city, or ends what an earlier founding began. */
export async function foundCity({ config, log, sales }: FoundingOptions): Promise<void> {
  const directory = config.need('directory')
  const notary = readPack(packOf).members.find(({ cosigns }) => cosigns === true)
  const city = await openCity({
    config,
    log,
    pack: packOf,
    officers: true,
    ...(sales === undefined ? {} : { sales }),
    cosigner: (created) => {
      const follower = followerIn(directory)
      mkdirSync(follower, { recursive: true, mode: 0o700 })
      return held(openFileStore(layoutOf(follower).keys), notary?.code ?? '', 'cosign', created)
    },
  })
  await city.settle()
  await city.stop()
  writeFileSync(markOf(directory), '', { mode: 0o600 })
}

/** Where the notary's follower has its copy and its key. */
export function followerIn(directory: string): string {
  return join(directory, 'follower')
}

function markOf(directory: string): string {
  return join(directory, 'founded')
}
