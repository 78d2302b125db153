// The load generator: a process of its own on the same cores, with plain sockets and keep-alive, so
// that what it costs itself is small and the same for every server that is measured. On one
// connection a request follows the answer before it; nothing is pipelined. Every answer is checked.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { Used } from './child.ts'
import { answerJobs, usedNow } from './child.ts'

/** Requests to send over so many connections, as fast as answers come or at a fixed rate. */
export type Load = {
  readonly port: number
  readonly connections: number
  /** Paths to GET, again and again until `count`; or bodies to POST. */
  readonly get?: { readonly paths: readonly string[]; readonly count: number }
  readonly post?: {
    readonly contentType: string
    /** File with one submission a line, and how many lines make one body. */
    readonly bodies: string
    readonly batch: number
  }
  /** Requests a second, due on time whatever the answers do; absent: closed loop. */
  readonly rate?: number
}

export type Measured = {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds from the time a request was due to its last byte. */
  readonly latencies: readonly number[]
  /** Bytes of the last answer's body. */
  readonly bodyBytes: number
}

export type LoadJobs = {
  run: { in: Load; out: Measured }
  usage: { in: null; out: Used }
}

type Slot = { readonly socket: Socket; due: number; rest: Buffer | null }

const path = '/v1/commands'
const headEnd = Buffer.from('\r\n\r\n')
const lengthName = Buffer.from('Content-Length: ')
const applied = Buffer.from('"code":"ok"')

/** One run of requests. */
class Run {
  readonly #load: Load
  readonly #requests: readonly Buffer[]
  readonly #count: number
  /** Applied commands that every answer must show. */
  readonly #oks: number
  readonly #latencies: number[] = []
  readonly #idle: Slot[] = []
  readonly #due: number[] = []
  readonly #slots: Slot[] = []
  #next = 0
  #start = 0
  #bodyBytes = 0
  #settle: { done: (measured: Measured) => void; fail: (error: Error) => void } | null = null

  constructor(load: Load) {
    this.#load = load
    const { requests, oks } = load.get === undefined ? posts(load) : gets(load)
    this.#requests = requests
    this.#oks = oks
    this.#count = load.get?.count ?? requests.length
  }

  async run(): Promise<Measured> {
    for (let i = 0; i < this.#load.connections; i += 1) this.#slots.push(await this.#connect())
    const { rate } = this.#load
    const pacer = rate === undefined ? null : new Worker(new URL('./pacer.ts', import.meta.url))
    try {
      return await new Promise((done, fail) => {
        this.#settle = { done, fail }
        this.#start = now()
        if (pacer === null) for (const slot of this.#slots) this.#sendNext(slot)
        else {
          this.#idle.push(...this.#slots)
          pacer.on('message', (due: number) => this.#arrived(due))
          pacer.on('error', fail)
          pacer.postMessage({ count: this.#count, rate })
        }
      })
    } finally {
      for (const { socket } of this.#slots) socket.destroy()
      await pacer?.terminate()
    }
  }

  /** A request is due; without a free connection it waits, and its clock runs. */
  #arrived(due: number): void {
    const slot = this.#idle.pop()
    if (slot === undefined) this.#due.push(due)
    else this.#send(slot, due)
  }

  /** Closed loop: the next request, if there is one. */
  #sendNext(slot: Slot): void {
    if (this.#next < this.#count) this.#send(slot, now())
  }

  #send(slot: Slot, due: number): void {
    slot.due = due
    slot.socket.write(this.#requests[this.#next % this.#requests.length] as Buffer)
    this.#next += 1
  }

  #answered(slot: Slot): void {
    this.#latencies.push(now() - slot.due)
    if (this.#latencies.length === this.#count) return this.#end()
    if (this.#load.rate === undefined) return this.#sendNext(slot)
    const due = this.#due.shift()
    if (due === undefined) this.#idle.push(slot)
    else this.#send(slot, due)
  }

  #end(): void {
    this.#settle?.done({
      requests: this.#count,
      seconds: (now() - this.#start) / 1000,
      latencies: this.#latencies,
      bodyBytes: this.#bodyBytes,
    })
  }

  #connect(): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.#load.port, host: '127.0.0.1', noDelay: true })
      const slot: Slot = { socket, due: 0, rest: null }
      const fail = (): void => {
        const error = new Error('a connection was lost')
        reject(error)
        this.#settle?.fail(error)
      }
      socket.once('connect', () => resolve(slot))
      socket.once('error', fail)
      socket.once('end', fail)
      socket.on('data', (chunk: Buffer) => this.#take(slot, chunk))
    })
  }

  /** Reads one response: status line, then Content-Length or chunks. */
  #take(slot: Slot, chunk: Buffer): void {
    const bytes = slot.rest === null ? chunk : Buffer.concat([slot.rest, chunk])
    const body = bodyAt(bytes)
    if (body === null) {
      slot.rest = bytes
      return
    }
    slot.rest = null
    this.#bodyBytes = bytes.length - body
    const good = bytes[9] === 0x32 && (this.#oks === 0 || countOf(bytes, body) === this.#oks)
    if (good) return this.#answered(slot)
    this.#settle?.fail(new Error(`a bad answer: ${bytes.toString('latin1', 0, 2000)}`))
  }
}

/** Where the body of a whole response begins; null while it is not whole. */
function bodyAt(bytes: Buffer): number | null {
  const end = bytes.indexOf(headEnd)
  if (end < 0) return null
  const body = end + headEnd.length
  const named = bytes.indexOf(lengthName)
  if (named >= 0 && named < end) {
    let length = 0
    for (let at = named + lengthName.length; bytes[at] !== 0x0d; at += 1) {
      length = length * 10 + (bytes[at] as number) - 0x30
    }
    return bytes.length === body + length ? body : null
  }
  return bytes.toString('latin1', bytes.length - 5) === '0\r\n\r\n' ? body : null
}

function countOf(bytes: Buffer, from: number): number {
  let count = 0
  for (let at = bytes.indexOf(applied, from); at >= 0; at = bytes.indexOf(applied, at + 1)) {
    count += 1
  }
  return count
}

/** Unix milliseconds, finer than the wall clock and the same in all threads. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

type Requests = { readonly requests: readonly Buffer[]; readonly oks: number }

function gets({ get }: Load): Requests {
  const requests = (get?.paths ?? []).map((each) =>
    Buffer.from(`GET ${each} HTTP/1.1\r\nHost: bench\r\n\r\n`),
  )
  return { requests, oks: 0 }
}

function posts({ post }: Load): Requests {
  if (post === undefined) throw new Error('a load is GET or POST')
  const lines = readFileSync(post.bodies, 'latin1').split('\n').filter(Boolean)
  if (lines.length % post.batch !== 0) throw new Error('batches are whole')
  const requests: Buffer[] = []
  for (let at = 0; at < lines.length; at += post.batch) {
    const body = lines.slice(at, at + post.batch).join('\n')
    requests.push(
      Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: ${post.contentType}\r\n` +
          `Content-Length: ${body.length}\r\n\r\n${body}`,
        'latin1',
      ),
    )
  }
  return { requests, oks: post.batch }
}

answerJobs<LoadJobs>({ run: (load) => new Run(load).run(), usage: () => usedNow() })
