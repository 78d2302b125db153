// Writing answers. Every answer has its length and leaves in one write; what never changes in a
// head is prepared once, because at tens of thousands of requests a second it is what costs.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Bytes } from '#base/bytes'
import type { Refusal } from '#ledger/command'
import type { Ask, Deadlines, GradedReceipt } from './served.ts'
import { languageOf, problemText, retryAfterOf, statusOf } from '#apps/node/problems'
import type { ProblemParts } from '#apps/node/problems'

/** What every answer says about itself, by the kind of its body. */
const fresh = ['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'] as const

export type Kind = 'json' | 'problem' | 'text' | 'metrics' | 'bytes' | 'immutable'

const kinds: Readonly<Record<Kind, readonly string[]>> = {
  json: ['Content-Type', 'application/json', ...fresh],
  problem: ['Content-Type', 'application/problem+json', ...fresh],
  text: ['Content-Type', 'text/plain; charset=utf-8', ...fresh],
  metrics: ['Content-Type', 'text/plain; version=0.0.4; charset=utf-8', ...fresh],
  bytes: ['Content-Type', 'application/octet-stream', ...fresh],
  immutable: [
    'Content-Type',
    'application/octet-stream',
    'Cache-Control',
    'public, max-age=31536000, immutable',
    'X-Content-Type-Options',
    'nosniff',
  ],
}

/**
 * A receipt as JSON, in ASCII. Written by hand, because there is one for every command: origin,
 * codes, ids and hashes have forms without a character that JSON would escape.
 */
export function receiptText(receipt: GradedReceipt): string {
  const { ledger, member, id, type, intent, entry, height, time, code } = receipt
  const { at, outcome, leaf, envelope, grade } = receipt
  let text = `{"ledger":"${ledger}","member":"${member}","id":"${id}","type":"${type}"`
  text += `,"intent":"${intent}","entry":${entry},"height":${height},"time":${time}`
  text += `,"code":"${code}"`
  if (at !== undefined) text += `,"at":${JSON.stringify(at)}`
  if (outcome !== undefined) text += `,"outcome":${JSON.stringify(outcome)}`
  text += `,"leaf":"${leaf}"`
  if (envelope !== undefined) {
    text += `,"envelope":{"entry":${envelope.entry},"position":${envelope.position}}`
  }
  return `${text},"grade":"${grade}"}`
}

/** Answers with a text in ASCII. */
export function answerText(res: ServerResponse, kind: Kind, text: string): void {
  res.writeHead(200, [...kinds[kind], 'Content-Length', String(text.length)])
  res.end(text, 'latin1')
}

/** The same with status 201 and the place of what was created. */
export function answerCreated(res: ServerResponse, text: string, location: string): void {
  const head = [...kinds.json, 'Content-Length', String(text.length)]
  if (location !== '') head.push('Location', location)
  res.writeHead(201, head)
  res.end(text, 'latin1')
}

/** Answers with bytes. */
export function answerBytes(res: ServerResponse, kind: Kind, bytes: Bytes): void {
  res.writeHead(200, [...kinds[kind], 'Content-Length', String(bytes.length)])
  res.end(bytes)
}

/** Answers with a text of any characters. */
export function answerUnicode(res: ServerResponse, kind: Kind, text: string): void {
  res.writeHead(200, [...kinds[kind], 'Content-Length', String(Buffer.byteLength(text))])
  res.end(text)
}

/** Answers with a no. */
export function answerProblem(
  { req, res, node }: Pick<Ask, 'req' | 'res' | 'node'>,
  refusal: Refusal,
  more: Omit<ProblemParts, 'refusal' | 'language'> & { readonly allow?: string } = {},
): void {
  const { code } = refusal
  node.observer.refused(code)
  if (res.headersSent) return void res.destroy()
  const { allow, ...parts } = more
  const language = languageOf(req.headers['accept-language'])
  const text = problemText({ refusal, language, ...parts })
  const head: string[] = [...kinds.problem, 'Content-Length', String(Buffer.byteLength(text))]
  const retry = retryAfterOf(code)
  if (retry !== undefined) head.push('Retry-After', String(retry))
  if (allow !== undefined) head.push('Allow', allow)
  const status = statusOf(code)
  if (status === 401) head.push('WWW-Authenticate', 'Bearer realm="lianban"')
  res.writeHead(status, head)
  res.end(text)
  if (req.method !== 'GET' && req.method !== 'HEAD') discardRest(req, node.deadlines)
}

/** How long a refused sender may go on sending before its connection is cut. */
const lingerMs = 2000

/**
 * Reads what is left of a refused request and throws it away. Cutting at once would reset the
 * connection, and the sender might lose the answer that says why.
 */
export function discardRest(req: IncomingMessage, deadlines: Deadlines): void {
  if (req.complete || req.destroyed) return
  deadlines.begin(req, lingerMs, () => req.destroy())
  req.once('close', () => deadlines.end(req))
  req.resume()
}
