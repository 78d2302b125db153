// The HTTP client of followers, of the command line and of nodes among each other. It promises to
// connect to configured origins only, to end every exchange within its time and size, to repeat
// only what may be repeated, and to wait longer each time.
import { Agent } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bytes } from '#base/bytes'
import { openExchange, partsOf, problemOf, wholeBody } from './exchange.ts'
import type { Body, Exchange, Method, Problem } from './exchange.ts'
import { Failure } from './failure.ts'

/** A server to which this process may connect. */
export type ServerAddress = {
  /** `https://host:port` or `http://host:port`, without a path. */
  readonly origin: string
  /** How its key is checked (`clientAgent`); the system's authorities when absent. */
  readonly agent?: Agent
}

export type ClientOptions = {
  readonly servers: readonly ServerAddress[]
  /** For one whole exchange, milliseconds. */
  readonly timeoutMs?: number
  /** Times that a repeatable request is tried. */
  readonly attempts?: number
  /** Longest wait between two attempts, milliseconds. */
  readonly waitMaxMs?: number
  /** Waits; replaced where time is simulated. Rejects when the signal aborts. */
  readonly wait?: (ms: number, signal: AbortSignal | null) => Promise<void>
  /** A number from 0 up to 1 that spreads the waits of many clients. */
  readonly chance?: () => number
}

export type HttpRequest = {
  readonly url: string
  readonly method?: Method
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Body
  /** Longest body of the answer that is read, bytes. */
  readonly bytesMax?: number
  readonly timeoutMs?: number
  /**
   * Whether it may be sent twice: reads may, and commands may, because a ledger knows them by
   * (member, id). A body that is a stream is sent once whatever this says.
   */
  readonly repeatable?: boolean
  readonly signal?: AbortSignal
}

export type HttpAnswer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Bytes
  readonly problem: Problem | null
}

/** An answer whose body is read as it comes. */
export type HttpStream = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly parts: AsyncGenerator<Bytes, void>
}

export type StreamRequest = HttpRequest & {
  /** Longest silence, for the head and between two parts, milliseconds. */
  readonly idleMs?: number
}

/** An exchange but for its bounds in time. */
type Asked = Omit<Exchange, 'headMs' | 'signal'>

const bytesMaxDefault = 1_048_576
const timeoutMsDefault = 10_000
const attemptsDefault = 4
const waitMaxMsDefault = 5_000
const waitFirstMs = 100
const retryAfterMaxSeconds = 30

/** Statuses by which a server asks to come again. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** Failures after which the same request may succeed. */
const passingFailures: ReadonlySet<string> = new Set(['transport/unreachable', 'transport/timeout'])

/** Whether waiting may help against this failure. */
export function isPassing(failure: unknown): failure is Failure {
  if (!(failure instanceof Failure)) return false
  return passingFailures.has(failure.code) || passing.has(failure.status ?? 0)
}

/** A client of the servers that it was given. */
export class HttpClient {
  readonly #options: ClientOptions
  readonly #agents: ReadonlyMap<string, Agent>

  constructor(options: ClientOptions) {
    this.#options = options
    this.#agents = new Map(
      options.servers.map(({ origin, agent }) => {
        const known = originOf(origin)
        return [known, agent ?? defaultAgent(known)]
      }),
    )
  }

  /**
   * The answer, whatever its status but a redirect. Throws a `Failure` when there is none:
   * `transport/egress-refused` before anything is sent, otherwise what kept the answer away.
   */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    const { attempts = attemptsDefault } = this.#options
    const exchange = this.#exchange(request)
    const times = isRepeatable(request, exchange.method) ? attempts : 1
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#once(request, exchange).catch((failure: unknown) => failure)
      const again = attempt < times && isWorthAgain(outcome)
      if (!again && isAnswer(outcome)) return outcome
      if (!again) throw outcome
      await this.pause(attempt, request.signal ?? null, retryAfter(outcome))
    }
  }

  /**
   * An answer of status 2xx whose body is still to come; whoever takes it reads it to its end or
   * leaves the loop. Throws `transport/bad-status` for every other status.
   */
  async stream(request: StreamRequest): Promise<HttpStream> {
    const { idleMs = timeoutMsDefault, signal = null } = request
    const exchange = { ...this.#exchange(request), headMs: idleMs, signal }
    const answer = await openExchange(exchange)
    const { statusCode: status = 0, headers } = answer
    if (status >= 200 && status < 300) {
      return { status, headers, parts: partsOf(answer, idleMs, signal) }
    }
    const { problem } = await answered(answer, bytesMaxDefault, idleMs, signal)
    const facts = { status, ...(problem?.code === undefined ? {} : { refusal: problem.code }) }
    throw new Failure('transport/bad-status', `status ${status}`, facts)
  }

  /** Waits before attempt `n` + 1: twice as long each time, spread, and as long as asked for. */
  async pause(n: number, signal: AbortSignal | null, leastMs = 0): Promise<void> {
    const { waitMaxMs = waitMaxMsDefault, chance = Math.random, wait = pauseFor } = this.#options
    const longest = Math.min(waitMaxMs, waitFirstMs * 2 ** Math.min(n - 1, 20))
    const ms = Math.max(leastMs, Math.round(longest * (0.5 + chance() / 2)))
    try {
      await wait(ms, signal)
    } catch (error) {
      throw new Failure('transport/cancelled', 'nobody waits any more', { cause: error })
    }
  }

  /** Closes kept connections. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy()
  }

  #exchange({ url, method = 'GET', headers = {}, body }: HttpRequest): Asked {
    const target = URL.parse(url)
    const agent = target === null ? undefined : this.#agents.get(target.origin)
    if (target === null || agent === undefined || target.username + target.password !== '') {
      throw new Failure('transport/egress-refused', 'no configured server has this address')
    }
    return {
      method,
      url: target,
      headers: { 'user-agent': 'lianban', ...lowerCased(headers) },
      body: body ?? null,
      agent,
    }
  }

  async #once(request: HttpRequest, exchange: Asked): Promise<HttpAnswer> {
    const { timeoutMs = this.#options.timeoutMs ?? timeoutMsDefault, signal } = request
    const ends = AbortSignal.timeout(timeoutMs)
    const either = signal === undefined ? ends : AbortSignal.any([signal, ends])
    try {
      const answer = await openExchange({ ...exchange, headMs: timeoutMs, signal: either })
      return await answered(answer, request.bytesMax ?? bytesMaxDefault, timeoutMs, either)
    } catch (error) {
      if (signal?.aborted === true || !ends.aborted) throw error
      throw new Failure('transport/timeout', `no answer within ${timeoutMs} ms`, { cause: error })
    }
  }
}

async function answered(
  answer: IncomingMessage,
  bytesMax: number,
  idleMs: number,
  signal: AbortSignal | null,
): Promise<HttpAnswer> {
  const { statusCode: status = 0, headers } = answer
  const body = await wholeBody(answer, bytesMax, idleMs, signal)
  return { status, headers, body, problem: problemOf(status, headers['content-type'], body) }
}

function isRepeatable({ repeatable, body }: HttpRequest, method: Method): boolean {
  if (body !== undefined && !(body instanceof Uint8Array)) return false
  return repeatable ?? (method === 'GET' || method === 'HEAD')
}

function isAnswer(outcome: unknown): outcome is HttpAnswer {
  return !(outcome instanceof Error)
}

function isWorthAgain(outcome: unknown): boolean {
  return isAnswer(outcome) ? passing.has(outcome.status) : isPassing(outcome)
}

/** What the server asks for in seconds (RFC 9110 §10.2.3), in milliseconds; its dates are not. */
function retryAfter(outcome: unknown): number {
  const asked = isAnswer(outcome) ? (outcome.headers['retry-after'] ?? '') : ''
  if (!/^\d{1,9}$/.test(asked)) return 0
  return Math.min(Number(asked), retryAfterMaxSeconds) * 1000
}

/** The origin as URLs spell it. Configuration that names anything else is refused at the start. */
function originOf(text: string): string {
  const url = URL.parse(text)
  const plain = url !== null && (url.protocol === 'https:' || url.protocol === 'http:')
  if (!plain || url.pathname + url.search + url.hash !== '/' || url.username !== '') {
    throw new Failure('transport/egress-refused', `${text} is no origin like https://host:port`)
  }
  return url.origin
}

/** Of our own, so that closing the client closes what it opened. */
function defaultAgent(origin: string): Agent {
  return origin.startsWith('https:') ? new HttpsAgent(keptAlive) : new Agent(keptAlive)
}

const keptAlive = { keepAlive: true }

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

async function pauseFor(ms: number, signal: AbortSignal | null): Promise<void> {
  await sleep(ms, undefined, signal === null ? {} : { signal })
}
