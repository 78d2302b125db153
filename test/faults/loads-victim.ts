// A process that loads two lists and dies: at one of its deeds, before or after it, or when it is
// killed from outside. Deeds are what SQLite is told to do for good, and the marks beside its
// files. Without a place to die it says what its deeds are.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import process from 'node:process'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { load } from './loads-world.ts'
import type { Lists } from './loads-world.ts'

export type Dying = { readonly at: number; readonly side: 'after' | 'before' }

/** What it is to load; `dies` null: it says its deeds, and lives. */
export type Order = {
  readonly directory: string
  readonly state: Lists
  readonly dies: Dying | null
}

const { directory, state, dies } = JSON.parse(process.argv[2] ?? '') as Order
const deeds: string[] = []

/** Does a deed, unless it is the one at which the process dies. */
function deed<T>(name: string, work: () => T): T {
  const isLast = dies?.at === deeds.push(name) - 1
  if (isLast && dies.side === 'before') process.kill(process.pid, 'SIGKILL')
  const done = work()
  if (isLast) process.kill(process.pid, 'SIGKILL')
  return done
}

// oxlint-disable-next-line typescript/unbound-method
const { exec } = DatabaseSync.prototype
DatabaseSync.prototype.exec = function (text: string): void {
  const name = `${basename(this.location() ?? '')} ${text.slice(0, 20).trim()}`
  deed(name, () => exec.call(this, text))
}
// oxlint-disable-next-line typescript/unbound-method
const { run } = StatementSync.prototype
StatementSync.prototype.run = function (this: StatementSync, ...values: readonly unknown[]) {
  const work = (): ReturnType<typeof run> =>
    run.apply(this, values as unknown as Parameters<typeof run>)
  return this.sourceSQL.startsWith('INSERT INTO tickets') ? deed('a ticket', work) : work()
}
const { rmSync, fsyncSync } = fs
fs.rmSync = (...of) => deed(`free ${basename(String(of[0]))}`, () => rmSync(...of))
fs.fsyncSync = (of) => deed('a mark', () => fsyncSync(of))
syncBuiltinESMExports()

process.send?.({ ready: true })
await load(directory, state)
process.send?.({ deeds }, () => process.exit(0))
