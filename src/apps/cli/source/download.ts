// A list that is published at a web address, as a private file of this machine while it is read. It
// promises that the whole of it came or none, that no more than a bound is stored, that a token
// goes to nobody but whom the command line names, and that nothing is left when the command ends.
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { request as plainRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Failure } from '#adapters/sources'
import { whenInterrupted } from '#apps/cli/output'

/** What is known besides the address: a token, and the authority that knows the server. */
export type Credentials = { readonly password?: string; readonly ca?: string }

export type Bounds = {
  /** Bytes that are stored at most. */
  readonly bytes: number
  /** Longest time in which nothing comes, milliseconds. */
  readonly silenceMs: number
  /** Longest time for all of it, milliseconds. */
  readonly wholeMs: number
}

const bounds: Bounds = { bytes: 2 ** 31, silenceMs: 30_000, wholeMs: 3_600_000 }
const redirectsMax = 5
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const nearby: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

/**
 * The path of the file that lies at an address, or null where none does: then a service may answer
 * questions there. Throws `sources/not-read` where it breaks off, `sources/too-large` beyond the
 * bound.
 */
export async function downloaded(
  address: string,
  credentials: Credentials,
  { bytes, silenceMs, wholeMs }: Bounds = bounds,
): Promise<string | null> {
  if (!URL.canParse(address)) return null
  let url = new URL(address)
  const first = url
  const { origin } = url
  if (url.username !== '' || url.password !== '') return null
  for (let hops = 0; hops <= redirectsMax; hops += 1) {
    if (!mayFollow(first, url)) return null
    const response = await get(
      url,
      url.origin === origin ? credentials : noToken(credentials),
      silenceMs,
    )
    const next = redirects.has(response.statusCode ?? 0) ? response.headers.location : undefined
    if (next === undefined) return await kept(url, response, { bytes, wholeMs })
    response.destroy()
    if (!URL.canParse(next, url)) return null
    url = new URL(next, url)
  }
  throw new Failure('sources/not-read', `more than ${redirectsMax} redirections`)
}

/**
 * Whether an address may be asked to which the first one leads: encrypted, or within this machine
 * where the first one is there too. No server elsewhere has this machine ask itself.
 */
export function mayFollow(first: URL, { protocol, hostname }: URL): boolean {
  if (nearby.has(hostname) && !nearby.has(first.hostname)) return false
  return protocol === 'https:' || (protocol === 'http:' && nearby.has(hostname))
}

function noToken({ ca }: Credentials): Credentials {
  return ca === undefined ? {} : { ca }
}

function get(url: URL, { password, ca }: Credentials, silenceMs: number): Promise<IncomingMessage> {
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest
  const token = password === undefined ? {} : { authorization: `Bearer ${password}` }
  const headers = { accept: '*/*', 'accept-encoding': 'identity', ...token }
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      { headers, agent: false, ...(ca === undefined ? {} : { ca }) },
      resolve,
    )
    request.setTimeout(silenceMs, () => request.destroy(silent(silenceMs)))
    request.on('error', (error) => reject(failureOf(error)))
    request.end()
  })
}

async function kept(
  url: URL,
  response: IncomingMessage,
  { bytes: most, wholeMs }: Omit<Bounds, 'silenceMs'>,
): Promise<string | null> {
  const { statusCode, headers } = response
  // A service answers in JSON, or knows no such question; it is asked in its own way then.
  if (
    statusCode !== 200 ||
    /^application\/(?:problem\+)?json\b/.test(headers['content-type'] ?? '')
  ) {
    response.destroy()
    return null
  }
  try {
    if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
      throw new Failure('sources/not-read', 'it comes compressed though that was not asked for')
    }
    if (Number(headers['content-length'] ?? 0) > most) throw tooLarge(most)
    const path = placeFor(url)
    const file = createWriteStream(path, { mode: 0o600, flags: 'wx' })
    const signal = AbortSignal.timeout(wholeMs)
    await pipeline(response, bounded(most), file, { signal }).catch((error: unknown) => {
      throw signal.aborted ? silent(wholeMs) : error
    })
    return path
  } catch (error) {
    throw failureOf(error)
  } finally {
    response.destroy()
  }
}

function bounded(most: number): (chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer> {
  return async function* (chunks) {
    let bytes = 0
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > most) throw tooLarge(most)
      yield chunk
    }
  }
}

/** A private place that is gone when the process is; named as at its source, for its ending. */
function placeFor(url: URL): string {
  const folder = mkdtempSync(join(tmpdir(), 'lianban-source-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  whenInterrupted(remove)
  const last = url.pathname.split('/').at(-1) ?? ''
  let name = last
  try {
    name = decodeURIComponent(last)
  } catch {
    // What is no escape stands as it is.
  }
  const plain = name.replaceAll(/[^\p{L}\p{N}._-]/gu, '_').slice(-60)
  return join(folder, /^\.*$/.test(plain) ? 'list' : plain)
}

function tooLarge(most: number): Failure {
  return new Failure('sources/too-large', `more than ${most} bytes`)
}

function silent(ms: number): Failure {
  return new Failure('sources/not-read', `not all of it came within ${Math.round(ms / 1000)} s`)
}

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  const { code } = error as NodeJS.ErrnoException
  return new Failure('sources/not-read', code ?? 'the connection broke off', error)
}
