// A node as one thing: keys, disk, ledger and listeners, opened in order and closed in the opposite
// one. It promises that nothing listens before the ledger stands, that a directory is one
// process's alone, and that a stop answers what was accepted before files are closed.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { TLSSocket } from 'node:tls'
import type { Value } from '#ledger/command'
import type { Domain } from '#ledger/apply'
import { inlineVerifier, PoolVerifier } from '#adapters/consensus'
import type { Clock, Verifier } from '#adapters/consensus'
import { openFileStore, refuseTogether } from '#adapters/keys'
import type { FileStore } from '#adapters/keys'
import { fsDisk, lockDirectory } from '#adapters/storage'
import type { Disk } from '#adapters/storage'
import { peerOf, registryLookup, serverTlsOptions, transportCertificate } from '#adapters/transport'
import { certificates } from '#domains/certificates'
import { members } from '#domains/members'
import { processes } from '#domains/processes'
import { sharing } from '#domains/sharing'
import { ConfigRefusal, layoutOf, operatorToken } from '#apps/node/config'
import type { Config } from '#apps/node/config'
import { openapiText } from '#apps/node/describe'
import { codeVersion, openHost } from '#apps/node/host'
import type { HostNote, LedgerHost } from '#apps/node/host'
import { openHttp, routes } from '#apps/node/http'
import type { HttpOptions, HttpServer, Listening, Served } from '#apps/node/http'
import type { Log } from '#apps/node/log'
import { Metrics } from '#apps/node/log'
import { problemCodes, statusOf } from '#apps/node/problems'
import type { Cosigners } from '#apps/node/restore'
import { cosignersOf, refuseOwnWitness } from './cosigners.ts'
import type { Beginning } from './genesis.ts'
import { readBeginning } from './genesis.ts'
import { keyInUse, logSigner, refusalSigner } from './keys.ts'

/** The domains that this release runs, in their one order. */
export const domains: readonly Domain[] = [members, certificates, processes, sharing]

/** The release, as it describes itself. */
export const version = '0.1.0'

export type NodeOptions = {
  readonly config: Config
  readonly log: Log
  /** Begins a ledger where there is none. */
  readonly begin?: { readonly ledger: string; readonly params: Value; readonly time: number }
  /** For tests and benches: other domains than those of this release. */
  readonly domains?: readonly Domain[]
  /** The practice clock of a practice ledger; the machine's own when absent. */
  readonly clock?: Clock
}

export type RunningNode = {
  readonly host: LedgerHost
  readonly practice: boolean
  readonly listening: Listening
  /** The listener for members, if there is one. */
  readonly forMembers: Listening | null
  /** Resolves with the failure once the ledger has stopped for good. */
  readonly failed: Promise<unknown>
  /** Answers what waits, writes a snapshot, closes. */
  stop(): Promise<void>
}

/** Opens the ledger in the configured directory and serves it. Throws a refusal or a failure. */
export async function openNode(options: NodeOptions): Promise<RunningNode> {
  const { config, log } = options
  const directory = config.need('directory')
  const layout = layoutOf(directory)
  // Looking does not make a directory: a misspelt name leaves nothing behind.
  if (options.begin === undefined && !existsSync(layout.ledger)) throw noLedger(directory)
  const verifier = openVerifier(config, log)
  let host: LedgerHost | null = null
  let cosigners: Cosigners | null = null
  try {
    const metrics = new Metrics({ directory, log, now: () => Date.now() })
    const keys = openKeys(config, layout.keys)
    const asked = cosignersOf(config, keys, log)
    cosigners = asked
    const opened = openLedger({
      options,
      disk: timed(fsDisk(layout.ledger), metrics),
      root: layout.ledger,
      keys,
      verifier,
      cosigners,
    })
    host = opened.host
    refuseOwnWitness(keys, opened.host.registry)
    metrics.watch(host)
    const token = operatorToken(config.text('operator.token-file') ?? layout.token)
    const http = httpOptions({ ...opened, keys, metrics, token, options })
    const servers = await listen(http, { config, keys, ...opened })
    // A follower that must fetch something first can do so only from now on.
    cosigners.begin(opened.host)
    return {
      host: opened.host,
      practice: opened.beginning.practice,
      listening: servers.plain.at,
      forMembers: servers.members?.at ?? null,
      failed: opened.failed,
      stop: async () => {
        const graceMs = config.needCount('stop.grace-seconds') * 1000
        await Promise.all([servers.plain.http.stop(graceMs), servers.members?.http.stop(graceMs)])
        await asked.close()
        await opened.host.close()
        await verifier.close()
      },
    }
  } catch (failure) {
    await cosigners?.close()
    await host?.close()
    await verifier.close()
    throw failure
  }
}

function noLedger(directory: string): ConfigRefusal {
  return new ConfigRefusal('node/no-ledger', directory, 'holds no ledger; run: lianban init')
}

function openVerifier(config: Config, log: Log): Verifier {
  // Two a processor: while one batch is being checked another lies ready, so that a long turn of
  // the main thread leaves no processor idle.
  const threads = config.count('verify.threads') ?? Math.min(2 * availableParallelism(), 32)
  if (threads === 0) return inlineVerifier()
  return new PoolVerifier({
    threads,
    failed: () => log({ level: 'error', event: 'verifier-thread-died' }),
  })
}

function openKeys(config: Config, usual: string): FileStore {
  const passphrase = config.text('keys.passphrase')
  const store = openFileStore(
    config.text('keys.directory') ?? usual,
    passphrase === undefined ? {} : { passphrase: Buffer.from(passphrase) },
  )
  refuseTogether(store.list())
  return store
}

/** The disk, with the time of every sync counted. */
function timed(disk: Disk, metrics: Metrics): Disk {
  const sync = disk.sync.bind(disk)
  disk.sync = async (file) => {
    const began = performance.now()
    await sync(file)
    metrics.synced(performance.now() - began)
  }
  return disk
}

type Opened = {
  readonly host: LedgerHost
  readonly beginning: Beginning
  readonly failed: Promise<unknown>
}

type Parts = {
  readonly options: NodeOptions
  readonly disk: Disk
  /** Where the disk's files stand. */
  readonly root: string
  readonly keys: FileStore
  readonly verifier: Verifier
  readonly cosigners: Cosigners
}

function openLedger({ options, disk, root, keys, verifier, cosigners }: Parts): Opened {
  const { config, log, begin } = options
  const held = readBeginning(disk)
  if (held === null && begin === undefined) throw noLedger(config.need('directory'))
  const ledger = held?.ledger ?? begin?.ledger ?? ''
  const params = (held?.params ?? begin?.params) as { practice?: boolean; operator?: string }
  const practice = params.practice === true
  const operator = params.operator ?? ''
  const signer = logSigner(keys)
  if (signer === null) log({ level: 'warn', event: 'no-log-key', effect: 'no checkpoints' })
  let fail: (failure: unknown) => void = () => undefined
  const failed = new Promise<unknown>((resolve) => {
    fail = resolve
  })
  const host = openHost({
    disk,
    lock: () => lockDirectory(root),
    ledger,
    domains: options.domains ?? domains,
    code: codeVersion(),
    seed: randomBytes(4).readUInt32BE(),
    verifier,
    signer,
    cosigners: () => cosigners.hold(),
    practice,
    snapshotEvery: config.needCount('snapshot.entries'),
    ...(begin === undefined ? {} : { genesis: { params: begin.params, time: begin.time } }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    report: (note: HostNote) => {
      log(note)
      if (note.event === 'engine-stopped') fail(host.failure())
    },
    progress: progressOf(log),
  })
  return { host, beginning: { ledger, params: params as Value, practice, operator }, failed }
}

/** One line a second while a long journal is caught up. */
function progressOf(log: Log): (done: number, of: number) => void {
  let said = performance.now()
  return (done, of) => {
    const now = performance.now()
    if (now - said < 1000) return
    said = now
    log({ level: 'info', event: 'catching-up', height: done, of })
  }
}

type HttpParts = Opened & {
  readonly keys: FileStore
  readonly metrics: Metrics
  readonly token: string
  readonly options: NodeOptions
}

function httpOptions(parts: HttpParts): HttpOptions {
  const { host, beginning, keys, metrics, token, options } = parts
  const served: Served = {
    host,
    maps: (options.domains ?? domains).flatMap((domain) => domain.maps ?? []),
    signRefusal: refusalSigner(keys, host, beginning.operator),
  }
  const { config } = options
  const ms = (name: string): number => config.needCount(name) * 1000
  return {
    ledgers: [served],
    operatorToken: token,
    observer: metrics,
    metrics: () => metrics.text(),
    openapi: openapiText({
      version,
      routes,
      types: host.types,
      codes: problemCodes().map((code) => [code, statusOf(code)]),
    }),
    bounds: {
      connectionsMax: config.needCount('limits.connections'),
      eventStreamsMax: config.needCount('limits.event-streams'),
      streamWaitingMax: config.needCount('limits.stream-waiting'),
      headersMs: ms('limits.headers-seconds'),
      bodyMs: ms('limits.body-seconds'),
      keepAliveMs: ms('limits.keep-alive-seconds'),
      heartbeatMs: ms('limits.heartbeat-seconds'),
      stalledMs: ms('limits.stalled-seconds'),
    },
  }
}

type Server = { readonly http: HttpServer; readonly at: Listening }

type ListenParts = Opened & { readonly config: Config; readonly keys: FileStore }

async function listen(
  options: HttpOptions,
  parts: ListenParts,
): Promise<{ readonly plain: Server; readonly members: Server | null }> {
  const { config } = parts
  const secure = await memberOptions(options, parts)
  const plain = await listenOn(openHttp(options), config, 'listen')
  if (secure === null) return { plain, members: null }
  try {
    return { plain, members: await listenOn(openHttp(secure), config, 'members') }
  } catch (failure) {
    await plain.http.stop(0)
    throw failure
  }
}

/** Options of the listener for members; null when none is configured. */
async function memberOptions(
  options: HttpOptions,
  { config, keys, host, beginning }: ListenParts,
): Promise<HttpOptions | null> {
  if (config.count('members.port') === undefined) return null
  const key = keyInUse(keys, host, 'transport', beginning.operator)
  if (key === undefined) {
    const remedy = `no registered transport key of ${beginning.operator} is held`
    throw new ConfigRefusal('node/missing-key', 'members.port', remedy)
  }
  const identity = await transportCertificate(keys.transportKey(key.kid))
  const lookup = registryLookup(() => ({
    view: { get: (name) => host.record(name) },
    height: host.head().height,
  }))
  return {
    ...options,
    tls: serverTlsOptions(identity),
    peer: (socket: TLSSocket) => peerOf(socket, lookup),
  }
}

async function listenOn(http: HttpServer, config: Config, which: string): Promise<Server> {
  const host = config.need(`${which}.host`)
  const port = config.needCount(`${which}.port`)
  try {
    return { http, at: await http.listen({ host, port }) }
  } catch (failure) {
    const code = failure instanceof Error && 'code' in failure ? failure.code : ''
    const place = `${host}:${port}`
    if (code === 'EADDRINUSE') {
      const remedy = `the port is taken; stop what listens there, or choose one by --${which}-port`
      throw new ConfigRefusal('node/port-taken', place, remedy)
    }
    throw new ConfigRefusal('node/bad-setting', place, `cannot listen there (${String(code)})`)
  }
}
