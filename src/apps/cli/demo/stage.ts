// The stage of the demonstration: a temporary directory with a node in this process, and programs
// that run beside it as they would on other machines.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { randomBytes } from 'node:crypto'
import type { PublicJwk } from '#base/crypto'
import { decodeSubmission, encodeIntent, isRefusal } from '#ledger/command'
import type { Value } from '#ledger/command'
import { assert } from '#base/assert'
import { openFileStore, signCommand } from '#adapters/keys'
import type { FileStore } from '#adapters/keys'
import { paramsOf } from '#apps/cli/act'
import { layoutOf, readConfig } from '#apps/node/config'
import type { LedgerHost } from '#apps/node/host'
import { openNode } from '#apps/node/serve'
import type { RunningNode } from '#apps/node/serve'

export const ledger = 'demo.example/one'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** What a program said and how it ended. */
export type Ran = { readonly exit: number; readonly out: string; readonly err: string }

/** Runs `lianban` as another process. `node` are options of the runtime itself. */
export function run(words: readonly string[], node: readonly string[] = []): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', NODE_NO_WARNINGS: '1' }
    const child = spawn(process.execPath, [...node, main, ...words], { env })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    child.on('close', (code) => resolve({ exit: code ?? 1, out, err }))
  })
}

export type Stage = {
  readonly root: string
  readonly node: string
  readonly follower: string
  readonly keys: FileStore
}

/** Three members; the third key of use `cosign` is made by the follower's own program. */
export async function openStage(): Promise<{ readonly stage: Stage; readonly params: Value }> {
  const root = fs.mkdtempSync(join(tmpdir(), 'lianban-demo-'))
  const [node, follower] = [join(root, 'node'), join(root, 'follower')]
  for (const path of [node, follower]) fs.mkdirSync(path, { mode: 0o700 })
  const wish = ['--use', 'cosign', '--member', 'tax', '--custody', 'own']
  const made = await run(['key', 'generate', ...wish, '--directory', follower, '--json'])
  const { key } = JSON.parse(made.out) as { readonly key: { readonly jwk: PublicJwk } }
  const keys = openFileStore(layoutOf(node).keys)
  const cosign = { use: 'cosign', alg: 'Ed25519', jwk: key.jwk, custody: 'own' } as const
  const member = { kind: 'replica', officers: [], bring: [] } as const
  const params = paramsOf(
    {
      ledger,
      practice: true,
      operator: 'land',
      members: [
        { ...member, code: 'land', make: ['command', 'receipt', 'log'] },
        { ...member, code: 'tax', make: ['command'], bring: [cosign] },
        { ...member, code: 'water', make: ['command'] },
      ],
    },
    keys,
    Date.now(),
  )
  return { stage: { root, node, follower, keys }, params }
}

/** Opens the node of the stage; it begins the ledger when parameters are given. */
export async function openStageNode(stage: Stage, params: Value | null): Promise<RunningNode> {
  const words = ['--directory', stage.node, '--listen-port', '0', '--verify-threads', '0']
  const config = readConfig({ words, env: {}, cwd: stage.root })
  const begin = params === null ? {} : { begin: { ledger, params, time: Date.now() } }
  return openNode({ config, log: () => undefined, ...begin })
}

export function urlOf({ listening }: RunningNode): string {
  return `http://${listening.address}:${listening.port}`
}

/** A command of a member as signed text. */
export function commandOf(
  keys: FileStore,
  member: string,
  wish: {
    readonly type: string
    readonly body: { readonly [name: string]: Value }
    readonly id?: string
    readonly notAfter?: number
  },
): string {
  const key = keys.list().find((each) => each.member === member && each.use === 'command')
  assert(key !== undefined, 'every member of the stage has a command key')
  const intent = encodeIntent({
    ledger,
    id: wish.id ?? randomBytes(16).toString('base64url'),
    type: wish.type,
    body: wish.body,
    notAfter: wish.notAfter ?? Date.now() + 600_000,
  })
  return signCommand(keys, key.kid, intent)
}

export type Shown = { readonly entry: number; readonly code: string; readonly grade: string }

/** Submits a command and gives what its receipt says. */
export async function submit(host: LedgerHost, text: string): Promise<Shown> {
  const command = decodeSubmission(text)
  assert(!isRefusal(command), 'the commands of the stage are well formed')
  const [outcome] = await host.submit(command)
  assert(outcome !== undefined && 'receipt' in outcome, 'the commands of the stage are admitted')
  const { entry, code, grade } = outcome.receipt
  return { entry, code, grade }
}

/** Waits until a checkpoint covers an entry. */
export async function checkpointed(host: LedgerHost, entry: number): Promise<void> {
  const until = performance.now() + 25_000
  while ((host.proofs.checkpoint()?.size ?? 0) <= entry && performance.now() < until) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
}
