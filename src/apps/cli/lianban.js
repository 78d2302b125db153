#!/usr/bin/env node
// The program as npm links it. The sources are TypeScript, which the Node that is installed may be
// too old for; this file runs under any of them and goes on with the project's own Node.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const floor = 24
const here = dirname(fileURLToPath(import.meta.url))
const main = join(here, 'main.ts')

const program = findNode()
if (program === null) {
  process.stderr.write(
    `This is Node ${process.versions.node}; lianban needs Node ${floor} or newer.\n` +
      'Run `npm ci` in the folder of Lianban: it puts Node 26 into node_modules.\n',
  )
  process.exitCode = 1
} else {
  const child = spawn(program, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // The child hears what we are told, and ends us by its own way of ending.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`${program}: ${error.message}\n`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143)
  })
}

/** The running Node when it is new enough, or the one that npm installed for this project. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= floor) return process.execPath
  for (let folder = here; ; folder = dirname(folder)) {
    for (const name of ['node', 'node.exe', 'node.cmd']) {
      const path = join(folder, 'node_modules', '.bin', name)
      if (existsSync(path)) return path
    }
    if (folder === dirname(folder)) return null
  }
}
