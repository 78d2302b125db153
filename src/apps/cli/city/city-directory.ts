// The directory of a practice city as its commands find it: begun where it is not there, opened for
// deeds where nothing else runs it.
import fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Ask } from '#apps/cli/command'
import { usage } from '#apps/cli/command'
import { exits, Stop, text } from '#apps/cli/output'
import { readConfig } from '#apps/node/config'
import type { City } from '#apps/node/city'
import { openCity } from '#apps/node/city'

/** As long as beginning a city takes on a slow machine, and how often it is looked again. */
const openingMs = 60_000
const againMs = 200

/** The city's directory as the command line names it. */
export function needDirectory(ask: Ask): string {
  const directory = ask.values['directory']
  if (directory !== undefined) return directory
  throw usage('cli/missing-option', '--directory', [
    '请加 --directory 城市目录',
    'add --directory CITYDIR',
  ])
}

/**
 * The same, of a city that is there: a directory that was mistyped begins no new one. Only
 * `city load`, `npm start` and whoever says so begin a city.
 */
export function needCity(ask: Ask): string {
  const directory = needDirectory(ask)
  if (isCity(directory)) return directory
  throw new Stop({
    code: 'cli/no-city',
    exit: exits.failure,
    at: directory,
    text: text('这里没有练习城市', 'no practice city lies here'),
    remedy: text(
      '核对 --directory；要新建城市，先运行 lianban city load',
      'check --directory; to begin a city there, run lianban city load first',
    ),
  })
}

function isCity(directory: string): boolean {
  return fs.existsSync(join(directory, 'people.json'))
}

/**
 * The city in this process, begun where it is not there; null while another process runs it. One
 * that another process is opening or beginning is waited for.
 */
export async function openUnlessRunning(directory: string): Promise<City | null> {
  for (let left = openingMs; ; left -= againMs) {
    try {
      return await openHere(directory)
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'storage/locked') throw error
      const isOpening = fs.existsSync(join(directory, 'lock'))
      if (!isOpening && isCity(directory)) return null
      if (left <= 0) throw error
    }
    await setTimeout(againMs)
  }
}

/** Opens the city in this process. Throws while another one runs it. */
export function openHere(directory: string): Promise<City> {
  const words = ['--directory', directory, '--listen-port', '0', '--verify-threads', '0']
  const config = readConfig({ words, env: {}, cwd: process.cwd() })
  return openCity({ config, log: () => undefined, officers: true })
}
