// Reading what is durable: receipts, records, entries, documents, tiles and frames. Which entries
// somebody may read follows from who asks: replicas and the operator all of them, a participant
// those that name it (protocol §6, §18). What may not be seen looks like what is not there.
import { base64urlEncode, utf8Encode } from '#base/bytes'
import type { Refusal } from '#ledger/command'
import { isDigest, isId, isMemberCode, isRefusal } from '#ledger/command'
import { mapNameOf } from '#ledger/apply'
import { parseTilePath, TILE_WIDTH } from '#ledger/prove'
import { answerBytes, answerProblem, answerText, answerUnicode, receiptText } from './answer.ts'
import { entryAsked, holdsAll, knownCaller, readsAll } from './callers.ts'
import { countOf, queryOf, recordKeyOf } from './parameters.ts'
import type { Ask, ServedHost } from './served.ts'
import { evidenceOf } from './proofs.ts'

const notFound: Refusal = { code: 'node/not-found' }

/** GET receipts/{member}/{id} */
export function getReceipt(ask: Ask): void {
  const [member = '', id = ''] = ask.parts
  if (!isMemberCode(member)) return answerProblem(ask, { code: 'node/bad-parameter', at: 'member' })
  if (!isId(id)) return answerProblem(ask, { code: 'node/bad-parameter', at: 'id' })
  const receipt = ask.served.host.receipt(member, id)
  if (receipt === null) return answerProblem(ask, notFound)
  answerText(ask.res, 'json', receiptText(receipt))
}

/**
 * GET records/{key}. Whatever stands in an authenticated map must be provable as current by anyone
 * and is open; all other records are for those who hold the ledger.
 */
export function getRecord(ask: Ask): void {
  const key = recordKeyOf(ask.parts[0])
  if (isRefusal(key)) return answerProblem(ask, key)
  const { host, maps } = ask.served
  if (mapNameOf(maps, key) === null && !holdsAll(ask)) return
  const text = host.recordText(key)
  if (text === undefined) return answerProblem(ask, notFound)
  const { height } = host.head()
  answerText(ask.res, 'json', `{"key":"${key}","value":${text},"height":${height}}`)
}

/** GET entries/{index}: the bytes of one entry. */
export function getEntry(ask: Ask): void {
  const index = entryAsked(ask)
  if (index !== null) answerText(ask.res, 'json', shown(ask.served.host, index))
}

/** The entry's bytes, or what stands in their place when they are withheld. */
function shown(host: ServedHost, index: number): string {
  return host.proofs.withheld(index) ?? host.entry(index)
}

/** Most entries in one answer. */
const entriesMax = 200

/**
 * GET entries?member=&from=&limit=: entries that name a member, each with its evidence file once a
 * checkpoint covers it. For the member itself, for replicas and for the operator.
 */
export function getEntries(ask: Ask): void {
  const caller = knownCaller(ask)
  if (caller === null) return
  const own = caller.kind === 'member' ? caller.member : undefined
  const member = queryOf(ask.query, 'member') ?? own
  if (member === undefined || !isMemberCode(member)) {
    return answerProblem(ask, { code: 'node/bad-parameter', at: 'member' })
  }
  if (member !== own && !readsAll(caller)) return answerProblem(ask, { code: 'node/not-yours' })
  const from = countOf(queryOf(ask.query, 'from'), 'from', 0)
  if (isRefusal(from)) return answerProblem(ask, from)
  const limit = countOf(queryOf(ask.query, 'limit'), 'limit', 50)
  if (isRefusal(limit)) return answerProblem(ask, limit)
  if (limit < 1 || limit > entriesMax) {
    return answerProblem(ask, { code: 'node/bad-parameter', at: 'limit' })
  }
  const { host } = ask.served
  const found = host.entriesNaming(member, from, limit)
  const each = found.map((index) => {
    const evidence = evidenceOf(host, index)
    if (evidence !== null) return `{"index":${index},"evidence":${evidence}}`
    const bytes = base64urlEncode(utf8Encode(shown(host, index)))
    return `{"index":${index},"bytes":"${bytes}"}`
  })
  const last = found.at(-1)
  const next = last === undefined ? from : last + 1
  // Notes in evidence hold a dash that is not ASCII.
  answerUnicode(ask.res, 'json', `{"entries":[${each.join(',')}],"next":${next}}`)
}

/** GET documents/{hash}: whoever knows a document's hash may have the document. */
export function getDocument(ask: Ask): void {
  const [hash = ''] = ask.parts
  if (!isDigest(hash)) return answerProblem(ask, { code: 'node/bad-parameter', at: 'hash' })
  const bytes = ask.served.host.document(hash)
  if (bytes === undefined) return answerProblem(ask, notFound)
  answerBytes(ask.res, 'immutable', bytes)
}

/**
 * GET tile/…: C2SP tlog-tiles. Hash tiles hide their entries and are open; bundles of entries are
 * for those who hold the ledger, and no cache between may keep them.
 */
export function getTile(ask: Ask): void {
  const id = parseTilePath(`tile/${ask.parts[0] ?? ''}`)
  if (id === null) return answerProblem(ask, notFound)
  if (id.level === 'entries' && !holdsAll(ask)) return
  const bytes = ask.served.host.proofs.tile(id)
  if (bytes === null) return answerProblem(ask, notFound)
  const lasting = id.level !== 'entries' && id.width === TILE_WIDTH
  answerBytes(ask.res, lasting ? 'immutable' : 'bytes', bytes)
}

/** GET policy: the trust policy that the registry implies, as a policy file. */
export function getPolicy(ask: Ask): void {
  const { host } = ask.served
  answerText(ask.res, 'text', host.registry.policyText(host.ledger, host.head().height))
}

/** Most bytes of frames in one answer, and the longest wait for a new one in seconds. */
const framesBytesMax = 64 * 1024 * 1024
const waitSecondsMax = 30

/**
 * GET frames?from=&wait=: frames of the journal from a height on, byte for byte, one after the
 * other. Ends at the last durable one; with `wait`, an answer that would be empty waits so many
 * seconds for the next. For those who hold the ledger.
 */
export function getFrames(ask: Ask): void {
  if (!holdsAll(ask)) return
  const from = countOf(queryOf(ask.query, 'from'), 'from', 1)
  if (isRefusal(from)) return answerProblem(ask, from)
  const wait = countOf(queryOf(ask.query, 'wait'), 'wait', 0)
  if (isRefusal(wait)) return answerProblem(ask, wait)
  const { height } = ask.served.host.head()
  if (from < 1 || from > height + 1) {
    return answerProblem(ask, { code: 'node/bad-parameter', at: 'from' })
  }
  if (from <= height || wait === 0 || ask.node.closing()) return sendFrames(ask, from, height)
  awaitFrame(ask, from, Math.min(wait, waitSecondsMax) * 1000)
}

function awaitFrame(ask: Ask, from: number, ms: number): void {
  const { served, node, res } = ask
  const go = (): void => {
    clearTimeout(timer)
    leave()
    node.open.delete(go)
    if (!res.destroyed) sendFrames(ask, from, served.host.head().height)
  }
  const leave = served.host.subscribe(() => setImmediate(go))
  const timer = setTimeout(go, ms)
  node.open.add(go)
  res.once('close', () => {
    clearTimeout(timer)
    leave()
    node.open.delete(go)
  })
}

function sendFrames({ res, served, node }: Ask, from: number, to: number): void {
  if (res.headersSent) return
  res.writeHead(200, [
    'Content-Type',
    'application/octet-stream',
    'Cache-Control',
    'no-store',
    'Lianban-Height',
    String(to),
  ])
  let next = from
  let sent = 0
  const pump = (): void => {
    try {
      while (next <= to && sent < framesBytesMax) {
        if (res.destroyed) return
        const bytes = served.host.proofs.frameBytes(next)
        next += 1
        sent += bytes.length
        if (!res.write(bytes)) return void res.once('drain', pump)
      }
      res.end()
    } catch (failure) {
      // Half an answer cannot become a problem; a cut connection is not taken for a whole one.
      node.observer.failed('frames', failure)
      res.destroy()
    }
  }
  pump()
}
