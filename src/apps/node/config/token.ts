// The operator's token: proof of being on this machine and of reading this directory. It lies in a
// file for its owner alone and is made at the first start; removing the file makes a new one.
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { readSecretFile } from '#adapters/keys'
import { ConfigRefusal } from './read.ts'

const tokenForm = /^[A-Za-z0-9_-]{43}$/

/** The token in the file, which is made with mode 0600 when it is absent. */
export function operatorToken(path: string): string {
  if (!existsSync(path)) makeToken(path)
  const token = Buffer.from(readSecretFile(path)).toString()
  if (tokenForm.test(token)) return token
  throw new ConfigRefusal('node/bad-setting', `file ${path}`, 'holds no token; remove it')
}

function makeToken(path: string): void {
  // Exclusive: two processes that start at once do not get two tokens.
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, `${randomBytes(32).toString('base64url')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
