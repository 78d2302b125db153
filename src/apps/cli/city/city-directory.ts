// The directory of a practice city as its commands find it: begun where it is not there, opened for
// deeds where nothing else runs it.
import fs from 'node:fs'
import { join } from 'node:path'
import type { Ask } from '#apps/cli/command'
import { usage } from '#apps/cli/command'
import { readConfig } from '#apps/node/config'
import type { City } from '#apps/node/city'
import { openCity } from '#apps/node/city'

/** The city's directory as the command line names it. */
export function needDirectory(ask: Ask): string {
  const directory = ask.values['directory']
  if (directory !== undefined) return directory
  throw usage('cli/missing-option', '--directory', [
    '请加 --directory 城市目录',
    'add --directory CITYDIR',
  ])
}

/** The city in this process, begun where it is not there; null while another process runs it. */
export async function openUnlessRunning(directory: string): Promise<City | null> {
  try {
    return await openHere(directory)
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    const isThere = fs.existsSync(join(directory, 'people.json'))
    if (isThere && code === 'storage/locked') return null
    throw error
  }
}

/** Opens the city in this process. Throws while another one runs it. */
export function openHere(directory: string): Promise<City> {
  const words = ['--directory', directory, '--listen-port', '0', '--verify-threads', '0']
  const config = readConfig({ words, env: {}, cwd: process.cwd() })
  return openCity({ config, log: () => undefined, officers: true })
}
