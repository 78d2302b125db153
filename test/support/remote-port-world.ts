// A ledger behind a real HTTP server, for tests of ports over HTTP: the ledger's process can be
// killed and comes back at the same address, ports keep their copies in folders of their own.
// Nothing here is part of the product.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import type { Domain } from '#ledger/apply'
import { systemClock } from '#adapters/consensus'
import type { KeyStore } from '#adapters/keys'
import { peerOf, registryLookup, serverTlsOptions, transportCertificate } from '#adapters/transport'
import type { LedgerHost } from '#apps/node/host'
import { openHttp } from '#apps/node/http'
import type { HttpOptions, HttpServer } from '#apps/node/http'
import type { RemoteLedger, RemoteNote } from '#apps/node/ledger-copy'
import { openRemoteLedger } from '#apps/node/ledger-copy'
import { openLedgerPort } from '#apps/node/ledger-port'
import type { LedgerPort } from '#apps/node/ledger-port'
import { SimDisk } from '#simulation/sim-disk'
import { openPortHost, portLedger } from './port-world.ts'

const token = 'a-token-of-the-operator-that-is-long-enough'

/** A ledger that others reach over HTTP. */
export class RemotePortWorld {
  readonly root: string = mkdtempSync(join(tmpdir(), 'lianban-remote-'))
  readonly notes: RemoteNote[] = []
  readonly #domains: readonly Domain[]
  readonly #remotes: Set<RemoteLedger> = new Set()
  #disk: SimDisk = new SimDisk(later)
  #host: LedgerHost
  #http: HttpServer | null = null
  #port = 0
  #copies = 0

  constructor(domains: readonly Domain[]) {
    this.#domains = domains
    this.#host = this.#open()
    writeFileSync(join(this.root, 'token'), token, { mode: 0o600 })
  }

  get host(): LedgerHost {
    return this.#host
  }

  /** Listens at the address of before; by mutual TLS where a store of the server's is given. */
  async listen(server?: KeyStore): Promise<void> {
    const nobody = (): void => undefined
    const observer = {
      asked: nobody,
      refused: nobody,
      committed: nobody,
      streams: nobody,
      failed: nobody,
    }
    this.#http = openHttp({
      ledgers: [{ host: this.#host, maps: [] }],
      operatorToken: token,
      observer,
      metrics: () => '',
      openapi: '',
      ...(server === undefined ? {} : await this.#secure(server)),
    })
    this.#port = (await this.#http.listen({ host: '127.0.0.1', port: this.#port })).port
  }

  /** A copy in this folder of the world, or in a new one. */
  async remote(folder: string = `copy-${(this.#copies += 1)}`): Promise<RemoteLedger> {
    const remote = await openRemoteLedger({
      url: `http://127.0.0.1:${this.#port}`,
      proving: { tokenFile: join(this.root, 'token') },
      ledger: portLedger,
      directory: join(this.root, folder),
      domains: this.#domains,
      snapshotEvery: 10,
      report: (note) => void this.notes.push(note),
    })
    this.#remotes.add(remote)
    return remote
  }

  /** A port of a member over a copy. */
  async port(member: string, keys: KeyStore, folder?: string): Promise<LedgerPort> {
    return openLedgerPort({ host: await this.remote(folder), keys, member })
  }

  /** Nobody answers any more; the disk keeps what it had taken. */
  async kill(): Promise<void> {
    this.#disk = this.#disk.released(later)
    await this.#http?.stop(0)
  }

  /** The ledger's process runs again. */
  async revive(): Promise<void> {
    this.#host = this.#open()
    await this.listen()
  }

  /** Another ledger of the same name stands at the address. */
  async replace(): Promise<void> {
    await this.kill()
    this.#disk = new SimDisk(later)
    await this.revive()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#remotes].map((remote) => remote.close().catch(() => undefined)))
    await this.#http?.stop(0)
    rmSync(this.root, { recursive: true, force: true })
  }

  /** A copy that proves itself as a member by mutual TLS, and knows the server's key. */
  async remoteByTls(keys: KeyStore, serverKid: string): Promise<RemoteLedger> {
    const remote = await openRemoteLedger({
      url: `https://127.0.0.1:${this.#port}`,
      proving: { keys, serverKid },
      ledger: portLedger,
      directory: join(this.root, `copy-${(this.#copies += 1)}`),
      domains: this.#domains,
    })
    this.#remotes.add(remote)
    return remote
  }

  async #secure(server: KeyStore): Promise<Pick<HttpOptions, 'tls' | 'peer'>> {
    const key = server.list().find(({ use }) => use === 'transport')
    const identity = await transportCertificate(server.transportKey(key?.kid ?? ''))
    const lookup = registryLookup(() => ({
      view: { get: (name) => this.#host.record(name) },
      height: this.#host.head().height,
    }))
    return {
      tls: serverTlsOptions(identity),
      peer: (socket: TLSSocket) => peerOf(socket, lookup),
    }
  }

  #open(): LedgerHost {
    return openPortHost({ disk: this.#disk, clock: systemClock, domains: this.#domains })
  }
}

function later(call: () => void): void {
  setTimeout(call, 1)
}
