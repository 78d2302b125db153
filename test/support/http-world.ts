// A ledger that is served over HTTP, for tests: a real host on a temporary directory behind the
// real server, with members whose keys the test holds, and a domain with commands of every kind.
// Nothing here is part of the product.
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { utf8Encode } from '#base/bytes'
import type { PublicJwk } from '#base/crypto'
import type { Value } from '#ledger/command'
import { encodeSubmission } from '#ledger/command'
import type { Domain } from '#ledger/apply'
import { cosignatureMessage, encodeCosignature, keyHashOf } from '#ledger/prove'
import type { NoteSignature } from '#ledger/prove'
import type { Verifier } from '#adapters/consensus'
import { inlineVerifier } from '#adapters/consensus'
import { Failure, fsDisk } from '#adapters/storage'
import type { Disk } from '#adapters/storage'
import { members, practiceGenesis } from '#domains/members'
import type { LedgerHost } from '#apps/node/host'
import { cosignerName, openHost } from '#apps/node/host'
import type { HttpOptions, Served, Statement } from '#apps/node/http'
import { openHttp, routes } from '#apps/node/http'
import { openapiText } from '#apps/node/describe'
import { problemCodes, statusOf } from '#apps/node/problems'
import { makeKey, makeIntent, signCommand, signEnvelope } from './commands.ts'
import type { TestKey } from './commands.ts'
import { notes } from './memory-ledger.ts'

export const origin = 'ledger.example/served'
export const token = 'a-token-of-the-operator-that-is-long-enough'

/** An Ed25519 key for the log or a cosigner. */
export type NoteSigner = { readonly jwk: PublicJwk; sign(message: string): Uint8Array }

export function noteSigner(): NoteSigner {
  const { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject } =
    generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return {
    jwk: { kty: 'OKP', crv: 'Ed25519', x },
    sign: (message) => new Uint8Array(sign(null, utf8Encode(message), privateKey)),
  }
}

/** Keys of the three members; `gas` is a participant. */
export const keys: {
  readonly [name in 'tax' | 'land' | 'gas' | 'taxReceipt']: TestKey
} & { readonly [name in 'log' | 'cosign']: NoteSigner } = {
  tax: makeKey('served/tax'),
  land: makeKey('served/land'),
  gas: makeKey('served/gas'),
  taxReceipt: makeKey('served/tax/receipt'),
  log: noteSigner(),
  cosign: noteSigner(),
}

export type WorldOptions = {
  /** Continues in this directory instead of a new one. */
  readonly directory?: string
  readonly disk?: (disk: Disk) => Disk
  readonly http?: Partial<HttpOptions>
  readonly domains?: readonly Domain[]
  readonly verifier?: Verifier
  readonly checkpointMs?: number
}

export type World = {
  readonly directory: string
  readonly host: LedgerHost
  readonly port: number
  readonly refused: string[]
  readonly failures: unknown[]
  /** Stops serving and closes the ledger; the directory stays. */
  stop(): Promise<void>
  /** The same, and removes the directory. */
  end(): Promise<void>
}

/** The genesis of the three members. */
export function genesis(): Value {
  return practiceGenesis([
    {
      code: 'tax',
      keys: { command: keys.tax.jwk, receipt: keys.taxReceipt.jwk, log: keys.log.jwk },
    },
    { code: 'land', keys: { command: keys.land.jwk, cosign: keys.cosign.jwk } },
    { code: 'gas', kind: 'participant', keys: { command: keys.gas.jwk } },
  ])
}

/** Opens a ledger and serves it on a free port. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'lianban-http-'))
  const domains = options.domains ?? [members, notes]
  const host = openLedger(directory, options)
  const refused: string[] = []
  const failures: unknown[] = []
  const served: Served = {
    host,
    maps: domains.flatMap((domain) => domain.maps ?? []),
    signRefusal: (statement: Statement) => refusalJws(statement),
  }
  const http = openHttp({
    ledgers: [served],
    operatorToken: token,
    observer: {
      asked: () => undefined,
      refused: (code) => void refused.push(code),
      committed: () => undefined,
      streams: () => undefined,
      failed: (_route, failure) => void failures.push(failure),
    },
    metrics: () => '',
    openapi: openapiText({
      version: 'test',
      routes,
      types: host.types,
      codes: problemCodes().map((code) => [code, statusOf(code)]),
    }),
    ...options.http,
  })
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  let stopping: Promise<void> | null = null
  const stop = (): Promise<void> => (stopping ??= stopAll())
  const stopAll = async (): Promise<void> => {
    await http.stop(2000)
    await host.close().catch((failure: unknown) => {
      if (!(failure instanceof Failure)) throw failure
    })
  }
  return {
    directory,
    host,
    port,
    refused,
    failures,
    stop,
    end: async () => {
      await stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function openLedger(directory: string, options: WorldOptions): LedgerHost {
  const raw = fsDisk(directory)
  return openHost({
    disk: options.disk?.(raw) ?? raw,
    ledger: origin,
    domains: options.domains ?? [members, notes],
    code: new Uint8Array(32),
    seed: 7,
    verifier: options.verifier ?? inlineVerifier(),
    signer: {
      sign: (text) => ({
        name: origin,
        keyHash: keyHashOf(origin, 'note', rawKey(keys.log.jwk)),
        signature: keys.log.sign(text),
      }),
    },
    genesis: { params: genesis(), time: Date.now() },
    practice: true,
    checkpointMs: options.checkpointMs ?? 1000,
  })
}

function refusalJws({ refusal, member, id, hash }: Statement): string {
  const payload = JSON.stringify({ ...refusal, hash, ...(id === undefined ? {} : { id }), member })
  const head = Buffer.from(
    `{"alg":"ES256","kid":"${keys.taxReceipt.kid}","typ":"lianban-refusal+jws"}`,
  ).toString('base64url')
  const input = `${head}.${Buffer.from(payload).toString('base64url')}`
  return `${input}.${Buffer.from(keys.taxReceipt.sign(input)).toString('base64url')}`
}

/** The 32 bytes of an Ed25519 key. */
export function rawKey(jwk: PublicJwk): Uint8Array {
  return new Uint8Array(Buffer.from(jwk.kty === 'OKP' ? jwk.x : '', 'base64url'))
}

/** A cosignature line of `land` over a checkpoint's text. */
export function cosignature(
  text: string,
  seconds: number,
  by: NoteSigner = keys.cosign,
): NoteSignature {
  const name = cosignerName(origin, 'land')
  return {
    name,
    keyHash: keyHashOf(name, 'cosignature', rawKey(by.jwk)),
    signature: encodeCosignature(seconds, by.sign(cosignatureMessage(seconds, text))),
  }
}

export type Told = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly bytes: Buffer
  /** The body as JSON. */
  readonly json: () => { readonly [name: string]: unknown }
}

export type Asked = {
  readonly method?: string
  readonly headers?: { readonly [name: string]: string | number }
  readonly body?: string | Uint8Array
}

/** One request over a connection of its own. */
export function ask(port: number, path: string, asked: Asked = {}): Promise<Told> {
  const { method = 'GET', headers = {}, body } = asked
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('error', reject)
      res.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const text = bytes.toString()
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          text,
          bytes,
          json: () => JSON.parse(text) as { readonly [name: string]: unknown },
        })
      })
    })
    req.on('error', reject)
    req.end(body)
  })
}

/** Headers of the operator. */
export const operator: { readonly authorization: string } = { authorization: `Bearer ${token}` }

/** Sends a bare command. */
export function send(port: number, jws: string): Promise<Told> {
  const headers = { 'content-type': 'application/jose' }
  return ask(port, '/v1/commands', { method: 'POST', headers, body: jws })
}

/** Sends a submission object. */
export function sendJson(port: number, text: string): Promise<Told> {
  const headers = { 'content-type': 'application/json' }
  return ask(port, '/v1/commands', { method: 'POST', headers, body: text })
}

/** Sends a stream of submissions. */
export function sendLines(port: number, lines: readonly string[]): Promise<Told> {
  const headers = { 'content-type': 'application/x-ndjson' }
  return ask(port, '/v1/commands', { method: 'POST', headers, body: `${lines.join('\n')}\n` })
}

export type NoteOptions = {
  readonly id?: string
  readonly ledger?: string
  readonly notAfter?: number
  readonly body?: { readonly [name: string]: Value }
  readonly type?: string
}

/** The intent of a `notes.set`, or of what is given. */
export function noteIntent(name: string, options: NoteOptions = {}): string {
  return makeIntent({
    ledger: options.ledger ?? origin,
    type: options.type ?? 'notes.set',
    body: options.body ?? { key: name, value: 1 },
    notAfter: options.notAfter ?? Date.now() + 60_000,
    ...(options.id === undefined ? {} : { id: options.id }),
  })
}

/** A signed `notes.set`. */
export function note(name: string, options: NoteOptions = {}, by: TestKey = keys.tax): string {
  return signCommand(by, noteIntent(name, options))
}

/** A submission object of an envelope of so many notes. */
export function noteEnvelope(names: readonly string[], by: TestKey = keys.tax): string {
  return encodeSubmission(
    signEnvelope(
      by,
      names.map((name) => noteIntent(name)),
    ),
  )
}

/** Waits until a checkpoint covers everything that is in the log now. */
export async function checkpointed(world: World): Promise<void> {
  const { size } = world.host.head()
  while ((world.host.proofs.checkpoint()?.size ?? 0) < size) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
  }
}
