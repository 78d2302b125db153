// Submitting commands: one, an envelope, or a stream of them. The bytes are decoded strictly and
// handed to the ledger as they are; a receipt leaves only when the ledger says that the command is
// durable. What is refused gets its code, and a signed statement when its sender was authentic.
import { latin1Decode } from '#base/bytes'
import { sha256Text } from '#base/crypto'
import type { Command, Refusal } from '#ledger/command'
import { commandBytesMax, decodeSubmission, isRefusal, submissionBytesMax } from '#ledger/command'
import { answerCreated, answerProblem, discardRest, receiptText } from './answer.ts'
import { LineCutter, mediaTypeOf, readBody } from './body.ts'
import type { Language } from '#apps/node/problems'
import { languageOf, problemText } from '#apps/node/problems'
import type { Ask, Outcome, Served } from './served.ts'

/**
 * Codes that admission gives only after the signature of the command has held (protocol §5.1), so
 * that the node may state under its own key whom it refused.
 */
const authentic: ReadonlySet<string> = new Set([
  'validate/document-not-named',
  'validate/other-ledger',
  'validate/unknown-type',
  'validate/wrong-member-kind',
  'validate/expired',
  'validate/too-far-ahead',
  'validate/duplicate',
  'validate/not-alone',
  'validate/approvals-count',
  'validate/document-missing',
  'validate/over-budget',
  'command/schema',
  'read/id-reused',
])

/** POST commands. */
export function postCommands(ask: Ask): void {
  const type = mediaTypeOf(ask.req)
  if (type === 'application/x-ndjson') return new CommandStream(ask).begin()
  if (type !== 'application/jose' && type !== 'application/json') {
    return answerProblem(ask, { code: 'node/unsupported-media-type' })
  }
  const { deadlines, bounds } = ask.node
  const bytesMax = type === 'application/jose' ? commandBytesMax : submissionBytesMax
  readBody(ask.req, { bytesMax, ms: bounds.bodyMs }, deadlines, (body) => {
    if (isRefusal(body)) return answerProblem(ask, body)
    // A file ends with a line break, and a command from a file is still that command.
    const text = latin1Decode(body).replace(/\r?\n$/, '')
    // A body is what its type says, or two readers of one request could take it for two things.
    if (text.startsWith('{') !== (type === 'application/json')) {
      return answerProblem(ask, { code: 'node/unsupported-media-type' })
    }
    submitOne(ask, text)
  })
}

function submitOne(ask: Ask, text: string): void {
  const command = decodeSubmission(text)
  if (isRefusal(command)) return answerProblem(ask, command)
  const { served, node, res } = ask
  const began = performance.now()
  served.host.submit(command).then(
    (outcomes) => {
      node.observer.committed(outcomes.length, performance.now() - began)
      const [first] = outcomes
      if (first === undefined) return answerProblem(ask, { code: 'node/broken' })
      if (command.form === 'single' && 'receipt' in first) {
        const { member, id } = first.receipt
        const location = `${node.prefixOf(served.host.ledger)}receipts/${member}/${id}`
        return answerCreated(res, receiptText(first.receipt), location)
      }
      answerSeveral(ask, { command, text, outcomes })
    },
    (failure: unknown) => {
      node.observer.failed('commands', failure)
      answerProblem(ask, { code: 'order/outcome-unknown' })
    },
  )
}

type Answered = {
  readonly command: Command
  readonly text: string
  readonly outcomes: readonly Outcome[]
}

/** An envelope's receipts, or the one problem when nothing of it (or of a command) was admitted. */
function answerSeveral(ask: Ask, answered: Answered): void {
  const { outcomes, command } = answered
  const language = languageOf(ask.req.headers['accept-language'])
  if (outcomes.some((outcome) => 'receipt' in outcome)) {
    return answerUnicodeCreated(ask, receiptsText(ask.served, answered, language))
  }
  const [first] = outcomes
  const refusal = first !== undefined && 'refused' in first ? first.refused : broken
  if (command.form === 'single') {
    return answerProblem(ask, refusal, signedOf(ask.served, answered, 0))
  }
  const errors = outcomes.map((_, at) => outcomeText(ask.served, answered, at, language))
  answerProblem(ask, refusal, { errors })
}

const broken: Refusal = { code: 'node/broken' }

function answerUnicodeCreated({ res }: Ask, text: string): void {
  // Titles of problems are not ASCII, so the length is that of the bytes.
  const bytes = Buffer.from(text)
  answerCreated(res, latin1Decode(bytes), '')
}

function receiptsText(served: Served, answered: Answered, language: Language): string {
  const each = answered.outcomes.map((_, at) => outcomeText(served, answered, at, language))
  return `{"receipts":[${each.join(',')}]}`
}

function outcomeText(served: Served, answered: Answered, at: number, language: Language): string {
  const outcome = answered.outcomes[at]
  if (outcome === undefined) return problemText({ refusal: broken, language })
  if ('receipt' in outcome) return receiptText(outcome.receipt)
  return problemText({
    refusal: outcome.refused,
    language,
    ...signedOf(served, answered, at),
  })
}

/** The node's signed statement that it refused this intent, where it may make one. */
function signedOf(
  { host, signRefusal }: Served,
  { command, text, outcomes }: Answered,
  at: number,
): { readonly signed?: string } {
  const outcome = outcomes[at]
  if (signRefusal === undefined || outcome === undefined || 'receipt' in outcome) return {}
  const member = host.registry.memberOf(command.jws.kid)
  if (member === undefined || !authentic.has(outcome.refused.code)) return {}
  const id = command.intents[at]?.id
  const hash = sha256Text(text, 'base64url')
  const statement = { refusal: outcome.refused, member, hash, ...(id === undefined ? {} : { id }) }
  const signed = signRefusal(statement)
  return signed === undefined ? {} : { signed }
}

/** An answer of a stream, in the place of its line; null while it is awaited. */
type Slot = { text: string | null }

/**
 * A stream of submissions, one a line, answered one a line in the same order. Reading stops while
 * too many wait or while the reader of the answers is slow, so a stream holds a bounded amount of
 * memory however long it is.
 */
class CommandStream {
  readonly #ask: Ask
  readonly #language: Language
  readonly #cutter = new LineCutter(submissionBytesMax)
  readonly #slots: Slot[] = []
  #answered = 0
  #reading = true
  #blocked = false
  #soon = false
  #gone = false
  readonly #stop: () => void

  constructor(ask: Ask) {
    this.#ask = ask
    this.#language = languageOf(ask.req.headers['accept-language'])
    this.#stop = () => this.#finishReading()
  }

  begin(): void {
    const { req, res, node } = this.#ask
    res.writeHead(200, ['Content-Type', 'application/x-ndjson', 'Cache-Control', 'no-store'])
    node.open.add(this.#stop)
    this.#awaitMore()
    req.on('data', (chunk: Buffer) => this.#take(chunk))
    req.on('end', () => this.#takeLast())
    res.on('drain', () => {
      this.#blocked = false
      this.#flushSoon()
    })
    res.on('close', () => {
      this.#gone = true
      node.open.delete(this.#stop)
      node.deadlines.end(req)
    })
  }

  /** Sets the moment by which the next line must have come. */
  #awaitMore(): void {
    const { req, node } = this.#ask
    node.deadlines.begin(req, node.bounds.bodyMs, () => this.#refuseRest({ code: 'node/too-slow' }))
  }

  #take(chunk: Buffer): void {
    if (!this.#reading) return
    const lines = this.#cutter.take(chunk)
    if (lines === null) return this.#refuseRest({ code: 'node/line-oversized' })
    for (const line of lines) this.#submit(line)
    if (lines.length > 0) this.#awaitMore()
    this.#regulate()
  }

  #takeLast(): void {
    if (!this.#reading) return
    const line = this.#cutter.end()
    if (line !== '') this.#submit(line)
    this.#finishReading()
  }

  #submit(line: string): void {
    const slot: Slot = { text: null }
    this.#slots.push(slot)
    const { served, node } = this.#ask
    const text = line.endsWith('\r') ? line.slice(0, -1) : line
    const command = decodeSubmission(text)
    if (isRefusal(command)) return this.#fill(slot, this.#problem(command))
    const began = performance.now()
    served.host.submit(command).then(
      (outcomes) => {
        node.observer.committed(outcomes.length, performance.now() - began)
        this.#fill(slot, this.#line({ command, text, outcomes }))
      },
      (failure: unknown) => {
        node.observer.failed('commands', failure)
        this.#fill(slot, this.#problem({ code: 'order/outcome-unknown' }))
      },
    )
  }

  #line(answered: Answered): string {
    const { served, node } = this.#ask
    for (const outcome of answered.outcomes) {
      if ('refused' in outcome) node.observer.refused(outcome.refused.code)
    }
    return answered.command.form === 'single'
      ? outcomeText(served, answered, 0, this.#language)
      : receiptsText(served, answered, this.#language)
  }

  #problem(refusal: Refusal): string {
    this.#ask.node.observer.refused(refusal.code)
    return problemText({ refusal, language: this.#language })
  }

  #fill(slot: Slot, text: string): void {
    slot.text = text
    this.#flushSoon()
  }

  /** Answers of one block become ready in one turn and leave in one write. */
  #flushSoon(): void {
    if (this.#soon || this.#gone) return
    this.#soon = true
    setImmediate(() => {
      this.#soon = false
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#gone || this.#blocked) return
    const { res } = this.#ask
    let text = ''
    let slot = this.#slots[this.#answered]
    while (slot !== undefined && slot.text !== null) {
      text += `${slot.text}\n`
      this.#answered += 1
      slot = this.#slots[this.#answered]
    }
    if (this.#answered >= slotsKept || slot === undefined) {
      this.#slots.splice(0, this.#answered)
      this.#answered = 0
    }
    if (text !== '' && !res.write(text)) this.#blocked = true
    if (this.#reading || this.#slots.length > 0) return this.#regulate()
    res.end()
    discardRest(this.#ask.req, this.#ask.node.deadlines)
  }

  /** Reads on or pauses, by what waits and by how fast answers are taken. */
  #regulate(): void {
    if (!this.#reading) return
    const { req, node } = this.#ask
    const waiting = this.#slots.length - this.#answered
    const full = this.#blocked || waiting >= node.bounds.streamWaitingMax
    if (full && !req.isPaused()) {
      req.pause()
      node.deadlines.end(req)
    } else if (!full && req.isPaused()) {
      req.resume()
      this.#awaitMore()
    }
  }

  /** The last line: why the rest of the stream is not read. */
  #refuseRest(refusal: Refusal): void {
    if (!this.#reading) return
    this.#slots.push({ text: this.#problem(refusal) })
    this.#finishReading()
  }

  #finishReading(): void {
    if (!this.#reading) return
    this.#reading = false
    this.#ask.node.deadlines.end(this.#ask.req)
    this.#flushSoon()
  }
}

/** Answered slots are dropped in runs of this length. */
const slotsKept = 256
