// The follower's life: fetch, check, keep, cosign, again. It promises that nothing is cosigned that
// was not reproduced, that a network which fails is waited for, and that what differs is written
// down as evidence before anybody is told.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { parseSignedCheckpoint, encodeNote } from '#ledger/prove'
import type { Bytes } from '#base/bytes'
import type { Domain } from '#ledger/apply'
import type { NoteKey, NoteSignature } from '#ledger/prove'
import { isPassing } from '#adapters/transport'
import { ConfigRefusal } from '#apps/node/config'
import type { HostNote } from '#apps/node/host'
import type { Alarm } from './follower.ts'
import { openLatest } from './latest.ts'
import type { LatestAddress, LatestServer } from './latest.ts'
import { evidenceIn, ledgerIn, ledgerOfFrame, openCopy } from './open.ts'
import type { Copy } from './open.ts'
import { Behind } from './source.ts'
import type { FollowSource } from './source.ts'

/** What a follower tells whoever runs it. */
export type FollowNote =
  | { readonly event: 'following'; readonly ledger: string; readonly height: number }
  | { readonly event: 'checked'; readonly height: number; readonly size: number }
  | { readonly event: 'cosigned'; readonly size: number; readonly cosigned: boolean }
  | { readonly event: 'not-taken'; readonly size: number; readonly code: string }
  | { readonly event: 'answering'; readonly host: string; readonly port: number }
  | { readonly event: 'waiting'; readonly code: string }

export type FollowOptions = {
  readonly directory: string
  readonly source: FollowSource
  readonly domains: readonly Domain[]
  /** The origin that the log must have; whatever it says at the first start when null. */
  readonly ledger: string | null
  readonly logKeys: readonly NoteKey[] | null
  /** Where the question for the newest cosigned checkpoint is answered; nowhere when absent. */
  readonly listen?: LatestAddress
  /** After so long the same checkpoint is cosigned again, milliseconds; an hour when absent. */
  readonly recosignMs?: number
  /** Ends after having caught up and judged one checkpoint. */
  readonly once: boolean
  readonly signal: AbortSignal
  readonly say: (note: FollowNote) => void
  readonly report?: (note: HostNote) => void
  /** Unix milliseconds. */
  readonly now: () => number
  /** Waits; ends early when the signal aborts. */
  readonly pause: (ms: number) => Promise<void>
}

/** How following ended. */
export type Followed =
  | { readonly ended: 'stopped' | 'caught-up'; readonly height: number; readonly size: number }
  | { readonly ended: 'alarm'; readonly alarm: Alarm; readonly file: string }
  /** Evidence of an earlier run stands in the directory: nothing is followed over it. */
  | { readonly ended: 'alarmed-before'; readonly files: readonly string[] }
  | { readonly ended: 'other-ledger'; readonly ledger: string | null }

const recosignMsDefault = 3_600_000
const waitSeconds = 20
/** A new block's checkpoint comes a moment after its frame. */
const soonSeconds = 1
const retryMs = 1000
const retryMaxMs = 30_000

/** Follows a log until the signal aborts, or until something differs. */
export async function follow(options: FollowOptions): Promise<Followed> {
  const files = evidenceIn(options.directory)
  if (files.length > 0) return { ended: 'alarmed-before', files }
  const ledger = ledgerIn(options.directory) ?? (await firstLedger(options))
  if (ledger === null && options.signal.aborted) {
    return { ended: 'stopped', height: 0, size: 0 }
  }
  if (ledger === null || (options.ledger !== null && options.ledger !== ledger)) {
    return { ended: 'other-ledger', ledger }
  }
  const { directory, domains, logKeys, report } = options
  const copy = openCopy({
    directory,
    domains,
    ledger,
    logKeys,
    ...(report === undefined ? {} : { report }),
  })
  let server: LatestServer | null = null
  try {
    options.say({ event: 'following', ledger, height: copy.follower.height })
    server = await answering(options, copy)
    return await new Following(options, copy).run()
  } finally {
    await server?.close()
    await copy.close()
  }
}

/** Answers for what was cosigned, when asked to. */
async function answering(
  { listen, say }: FollowOptions,
  { host, cosigns }: Copy,
): Promise<LatestServer | null> {
  if (listen === undefined) return null
  if (!cosigns) {
    const remedy = 'no key of use cosign is held here, so that no answer would count'
    throw new ConfigRefusal('node/missing-key', '--listen', remedy)
  }
  const server = await openLatest(listen, host)
  say({ event: 'answering', ...server.at })
  return server
}

/** The origin that the log's first frame names. */
async function firstLedger(options: FollowOptions): Promise<string | null> {
  for (let attempt = 0; !options.signal.aborted; attempt += 1) {
    try {
      for await (const frame of options.source.frames(1, 0)) return ledgerOfFrame(frame)
      return null
    } catch (failure) {
      await waitFor(options, failure, attempt)
    }
  }
  return null
}

/** Waits out what may pass; throws what does not. */
async function waitFor(options: FollowOptions, failure: unknown, attempt: number): Promise<void> {
  if (options.signal.aborted) return
  if (options.once || !isPassing(failure)) throw failure
  options.say({ event: 'waiting', code: failure.code })
  await options.pause(Math.min(retryMaxMs, retryMs * 2 ** Math.min(attempt, 10)))
}

class Following {
  readonly #options: FollowOptions
  readonly #copy: Copy
  #attempt = 0
  #judged = ''
  #agreed = false

  constructor(options: FollowOptions, copy: Copy) {
    this.#options = options
    this.#copy = copy
  }

  async run(): Promise<Followed> {
    const { signal, once } = this.#options
    while (!signal.aborted) {
      try {
        const alarm = (await this.#fetch()) ?? (await this.#judge())
        if (alarm !== null) return { ended: 'alarm', alarm, file: this.#write(alarm) }
        if (once) return { ended: 'caught-up', ...this.#place() }
        this.#attempt = 0
      } catch (failure) {
        await waitFor(this.#options, failure, this.#attempt)
        this.#attempt += 1
      }
    }
    return { ended: 'stopped', ...this.#place() }
  }

  #place(): { readonly height: number; readonly size: number } {
    const { height, size } = this.#copy.host.head()
    return { height, size }
  }

  /** Takes what there is; waits for it when the last checkpoint is known already. */
  async #fetch(): Promise<Alarm | null> {
    const { follower, host } = this.#copy
    const { source, once, say } = this.#options
    const kept = host.proofs.checkpoint()
    const idle = this.#agreed && kept !== null && kept.size >= host.head().size
    const seconds = once || this.#judged === '' ? 0 : idle ? waitSeconds : soonSeconds
    const before = follower.height
    let tell = performance.now()
    try {
      for await (const frame of source.frames(follower.height + 1, seconds)) {
        const alarm = follower.take(frame)
        if (alarm !== null) return alarm
        if (performance.now() - tell < 1000) continue
        tell = performance.now()
        say({ event: 'checked', ...this.#place() })
      }
    } catch (failure) {
      if (failure instanceof Behind) return follower.rolledBack(0)
      throw failure
    }
    if (follower.height > before) say({ event: 'checked', ...this.#place() })
    return null
  }

  async #judge(): Promise<Alarm | null> {
    const { follower, host } = this.#copy
    const { source, now, say } = this.#options
    const note = await source.checkpoint()
    const signed = note === null ? null : parseSignedCheckpoint(note)
    if (note === null || signed === null) return null
    const kept = host.proofs.checkpoint()
    const { size } = signed.checkpoint
    // "Now" is dated by cosignatures, so a quiet night is covered by signing the same size again.
    const recent = this.#isRecent(note)
    if (signed.note.text === this.#judged && recent) return null
    const judged = follower.judge(note, Math.floor(now() / 1000))
    if (judged === null) return null
    if ('what' in judged) return judged
    // A log that shows an older checkpoint than it signed once may have lost its history.
    if (kept !== null && size < kept.size) return follower.rolledBack(size)
    const again = signed.note.text === this.#judged
    this.#judged = signed.note.text
    this.#agreed = true
    const whole = withLine(note, judged.line)
    await this.#copy.keep(whole)
    if (judged.line === null || recent) {
      if (!again) say({ event: 'cosigned', size, cosigned: judged.line !== null })
      return null
    }
    const refused = await source.cosign(whole)
    if (refused !== null && !again) say({ event: 'not-taken', size, code: refused })
    if (refused === null) say({ event: 'cosigned', size, cosigned: true })
    return null
  }

  /** Whether the log serves a cosignature of ours that is not due to be renewed. */
  #isRecent(note: Bytes): boolean {
    const { now, recosignMs = recosignMsDefault } = this.#options
    const at = this.#copy.cosignedAt(note)
    return at !== null && now() - at * 1000 < recosignMs
  }

  /** Durable before anybody is told: the evidence is what the alarm is worth. */
  #write({ what, height, evidence }: Alarm): string {
    const path = join(this.#options.directory, `evidence-${height}-${what}.json`)
    const file = openSync(path, 'w', 0o600)
    try {
      writeSync(file, evidence)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    return path
  }
}

function withLine(note: Bytes, line: NoteSignature | null): Bytes {
  const signed = parseSignedCheckpoint(note)
  if (signed === null || line === null) return note
  const { text, signatures } = signed.note
  const others = signatures.filter(({ name, keyHash }) => {
    return name !== line.name || keyHash !== line.keyHash
  })
  return encodeNote({ text, signatures: [...others, line] })
}
