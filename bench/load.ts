// The load generator: a process of its own on the same cores, with plain sockets and keep-alive, so
// that what it costs itself is small and the same for every server that is measured. It reads jobs
// from its parent and answers each with what it measured.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** A job: requests to send over so many connections, as fast as answers come or at a fixed rate. */
export type Job = {
  readonly port: number
  readonly method: 'GET' | 'POST'
  /** Paths for GET, or the one path for POST. */
  readonly paths: readonly string[]
  readonly contentType?: string
  /** File with one body a line for POST. */
  readonly bodies?: string
  /** Lines of the file that make one body. */
  readonly batch?: number
  readonly connections: number
  /** Requests in all; for POST as many as there are bodies. */
  readonly count?: number
  /** Requests a second, started on time whatever the answers do; absent: closed loop. */
  readonly rate?: number
}

export type Measured = {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds from the time a request was due to its last byte. */
  readonly latencies: readonly number[]
  readonly failed: number
}

type Slot = { readonly socket: Socket; due: number; rest: Buffer; busy: boolean }

type Due = { readonly at: number; readonly request: Buffer }

class Run {
  readonly #job: Job
  readonly #requests: readonly Buffer[]
  readonly #latencies: number[] = []
  readonly #slots: Slot[] = []
  readonly #queue: Due[] = []
  #next = 0
  #done = 0
  #failed = 0
  #start = 0
  #finish: (measured: Measured) => void = () => undefined

  constructor(job: Job) {
    this.#job = job
    this.#requests = job.method === 'GET' ? gets(job) : posts(job)
  }

  async run(): Promise<Measured> {
    for (let i = 0; i < this.#job.connections; i += 1) this.#slots.push(await this.#connect())
    return new Promise((resolve) => {
      this.#finish = resolve
      this.#start = performance.now()
      if (this.#job.rate === undefined) for (const slot of this.#slots) this.#send(slot)
      else this.#tick(this.#job.rate)
    })
  }

  /** Starts what is due by now; a request without a free connection waits, and its clock runs. */
  #tick(rate: number): void {
    const now = performance.now()
    while (this.#next < this.#requests.length) {
      const due = this.#start + (this.#next * 1000) / rate
      if (due > now) break
      this.#queue.push({ at: due, request: this.#requests[this.#next] as Buffer })
      this.#next += 1
    }
    for (const slot of this.#slots) {
      if (this.#queue.length === 0) break
      if (!slot.busy) this.#sendDue(slot)
    }
    if (this.#next < this.#requests.length) setTimeout(() => this.#tick(rate), 1)
  }

  #sendDue(slot: Slot): void {
    const due = this.#queue.shift()
    if (due === undefined) return
    slot.due = due.at
    slot.busy = true
    slot.socket.write(due.request)
  }

  #send(slot: Slot): void {
    if (this.#next >= this.#requests.length) return
    slot.due = performance.now()
    slot.busy = true
    slot.socket.write(this.#requests[this.#next] as Buffer)
    this.#next += 1
  }

  #answered(slot: Slot, ok: boolean): void {
    this.#latencies.push(performance.now() - slot.due)
    slot.busy = false
    this.#done += 1
    if (!ok) this.#failed += 1
    if (this.#done === this.#requests.length) return this.#end()
    if (this.#job.rate === undefined) this.#send(slot)
    else this.#sendDue(slot)
  }

  #end(): void {
    const seconds = (performance.now() - this.#start) / 1000
    for (const { socket } of this.#slots) socket.destroy()
    this.#finish({
      requests: this.#done,
      seconds,
      latencies: this.#latencies,
      failed: this.#failed,
    })
  }

  #connect(): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.#job.port, host: '127.0.0.1', noDelay: true })
      const slot: Slot = { socket, due: 0, rest: Buffer.alloc(0), busy: false }
      socket.once('connect', () => resolve(slot))
      socket.once('error', reject)
      socket.on('data', (chunk: Buffer) => this.#take(slot, chunk))
    })
  }

  /** Reads one response: status line, Content-Length or chunks; nothing is pipelined. */
  #take(slot: Slot, chunk: Buffer): void {
    slot.rest = slot.rest.length === 0 ? chunk : Buffer.concat([slot.rest, chunk])
    const head = slot.rest.indexOf('\r\n\r\n')
    if (head < 0) return
    const text = slot.rest.toString('latin1', 0, head)
    const length = /content-length: (\d+)/i.exec(text)
    const whole =
      length === null
        ? slot.rest.subarray(-5).toString('latin1') === '0\r\n\r\n'
        : slot.rest.length >= head + 4 + Number(length[1])
    if (!whole) return
    slot.rest = Buffer.alloc(0)
    this.#answered(slot, text.startsWith('HTTP/1.1 2'))
  }
}

function gets(job: Job): Buffer[] {
  const requests = job.paths.map((path) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`),
  )
  return Array.from(
    { length: job.count ?? requests.length },
    (_, i) => requests[i % requests.length] as Buffer,
  )
}

function posts(job: Job): Buffer[] {
  const lines = readFileSync(job.bodies as string, 'latin1')
    .split('\n')
    .filter(Boolean)
  const batch = job.batch ?? 1
  const requests: Buffer[] = []
  for (let at = 0; at < lines.length; at += batch) {
    const body = lines.slice(at, at + batch).join('\n')
    requests.push(
      Buffer.from(
        `POST ${job.paths[0]} HTTP/1.1\r\nHost: bench\r\nContent-Type: ${job.contentType}\r\n` +
          `Content-Length: ${body.length}\r\n\r\n${body}`,
        'latin1',
      ),
    )
  }
  return requests
}

process.on('message', (job: Job) => {
  new Run(job).run().then(
    (measured) => process.send?.(measured),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exit(1)
    },
  )
})
