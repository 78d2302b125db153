// One HTTP exchange: a request, the head of its answer, and the body in parts. It promises that
// nothing waits without an end, that no answer is read past its bound, and that no redirect is
// followed. Whether to try again is decided elsewhere.
import { request as httpRequest } from 'node:http'
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { concat, utf8Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { Failure, failureOf } from './failure.ts'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'

/** What is sent as a body: bytes, or parts as they come to be. */
export type Body = Bytes | AsyncIterable<Bytes>

/** A request with everything that it depends on. */
export type Exchange = {
  readonly method: Method
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body | null
  readonly agent: Agent | null
  /** Longest wait for the head of the answer, milliseconds. */
  readonly headMs: number
  readonly signal: AbortSignal | null
}

/** A problem as the peer states it (RFC 9457), with the members that we use. Untrusted. */
export type Problem = {
  readonly status: number
  readonly code?: string
  readonly at?: string
  readonly title?: string
  readonly detail?: string
}

const problemBytesMax = 65_536

/**
 * Sends a request and waits for the head of the answer. Throws `transport/unreachable`,
 * `timeout`, `cancelled`, `peer-refused`, `redirected`, `bad-answer`.
 */
export function openExchange(exchange: Exchange): Promise<IncomingMessage> {
  const { signal, headMs } = exchange
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled())
    const request = begin(exchange)
    const stop = (): void => void request.destroy(cancelled())
    const timer = setTimeout(() => {
      request.destroy(new Failure('transport/timeout', 'no answer began'))
    }, headMs)
    signal?.addEventListener('abort', stop, { once: true })
    const settle = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
    request.on('error', (error) => {
      settle()
      reject(failureOf(error))
    })
    request.on('response', (answer) => {
      settle()
      const fault = faultOf(answer)
      if (fault === null) return resolve(answer)
      answer.destroy()
      reject(fault)
    })
    send(request, exchange.body)
  })
}

function begin({ method, url, headers, agent }: Exchange): ClientRequest {
  const options = { method, headers, ...(agent === null ? {} : { agent }) }
  return url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options)
}

function send(request: ClientRequest, body: Body | null): void {
  if (body === null) return void request.end()
  if (body instanceof Uint8Array) return void request.end(body)
  // A failure of either side reaches the request, and through it whoever waits for the answer.
  pipeline(Readable.from(body, { objectMode: false }), request).catch((error: unknown) => {
    request.destroy(failureOf(error))
  })
}

function faultOf({ statusCode = 0, headers }: IncomingMessage): Failure | null {
  if (statusCode >= 300 && statusCode < 400 && statusCode !== 304) {
    return new Failure('transport/redirected', `status ${statusCode}`, { status: statusCode })
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return null
  return new Failure('transport/bad-answer', 'the answer is encoded, which was not asked for')
}

function cancelled(): Failure {
  return new Failure('transport/cancelled', 'nobody waits for the answer any more')
}

/** The parts of a body as they come, each within `idleMs` of being waited for. */
export async function* partsOf(
  answer: IncomingMessage,
  idleMs: number,
  signal: AbortSignal | null,
): AsyncGenerator<Bytes, void> {
  const stop = (): void => void answer.destroy(cancelled())
  signal?.addEventListener('abort', stop, { once: true })
  const parts = answer[Symbol.asyncIterator]() as AsyncIterator<Bytes, undefined>
  try {
    if (signal?.aborted) throw cancelled()
    for (;;) {
      const timer = setTimeout(() => {
        answer.destroy(new Failure('transport/timeout', 'the answer did not go on'))
      }, idleMs)
      const next = await parts.next().finally(() => clearTimeout(timer))
      if (next.done === true) return
      yield next.value
    }
  } catch (error) {
    throw failureOf(error)
  } finally {
    signal?.removeEventListener('abort', stop)
    answer.destroy()
  }
}

/** A whole body of at most `bytesMax` bytes. */
export async function wholeBody(
  answer: IncomingMessage,
  bytesMax: number,
  idleMs: number,
  signal: AbortSignal | null,
): Promise<Bytes> {
  const parts: Bytes[] = []
  let size = 0
  for await (const part of partsOf(answer, idleMs, signal)) {
    size += part.length
    if (size > bytesMax) {
      throw new Failure('transport/oversized-answer', `over ${bytesMax} bytes`)
    }
    parts.push(part)
  }
  return concat(parts)
}

/** The problem in an answer; null when it is none. Untrusted: only short texts are taken. */
export function problemOf(status: number, type: string | undefined, body: Bytes): Problem | null {
  if (status < 400 || body.length > problemBytesMax) return null
  if (!/^application\/problem\+json(?:;|$)/.test(type ?? '')) return null
  const value = parsed(utf8Decode(body) ?? '')
  if (typeof value !== 'object' || value === null) return null
  const { code, at, title, detail } = value as Record<string, unknown>
  return {
    status,
    ...textAs('code', code, 100),
    ...textAs('at', at, 200),
    ...textAs('title', title, 1_000),
    ...textAs('detail', detail, 4_000),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function textAs(name: string, value: unknown, max: number): { readonly [name: string]: string } {
  return typeof value === 'string' && value.length <= max ? { [name]: value } : {}
}
