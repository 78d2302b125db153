// Where a follower gets what it checks: frames, checkpoints, and the place to bring cosignatures
// to. Everything that comes through here is untrusted; the follower judges it.
import type { Bytes } from '#base/bytes'
import { frameBytesMax, frameHeaderBytes, frameLength } from '#ledger/apply'
import { MAX_NOTE_BYTES } from '#ledger/prove'
import type { HttpClient } from '#adapters/transport'
import { Failure } from '#adapters/transport'

/**
 * Port: the followed log. Calls do not overlap; each may be repeated. Failures of transport are
 * thrown as `Failure`.
 */
export interface FollowSource {
  /**
   * Frames from a height on, whole, as many as there are; none when there is no next one within
   * `waitSeconds`. Throws `behind` when the log does not reach the height before.
   */
  frames(from: number, waitSeconds: number): AsyncGenerator<Bytes, void>
  /** The newest signed checkpoint, or null while there is none. */
  checkpoint(): Promise<Bytes | null>
  /**
   * Brings a checkpoint with our line under it; null when it was taken, else the refusal's code.
   */
  cosign(note: Bytes): Promise<string | null>
}

/** The log does not have what it once served. */
export class Behind extends Error {
  override readonly name = 'Behind'
}

export type HttpSourceOptions = {
  readonly client: HttpClient
  /** Address of the ledger's resources with a slash at its end, such as `http://host:7480/v1/`. */
  readonly base: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** The log behind a node's HTTP addresses. */
export function httpSource({ client, base, headers, signal }: HttpSourceOptions): FollowSource {
  return {
    async *frames(from, waitSeconds) {
      const url = `${base}frames?from=${from}&wait=${waitSeconds}`
      const idleMs = (waitSeconds + 15) * 1000
      const cutter = new FrameCutter()
      try {
        const answer = await client.stream({ url, headers, idleMs, signal })
        for await (const part of answer.parts) yield* cutter.take(part).values()
      } catch (error) {
        if (error instanceof Failure && error.refusal === 'node/bad-parameter') throw new Behind()
        throw error
      }
    },
    async checkpoint() {
      const url = `${base}checkpoint`
      const answer = await client.request({ url, headers, bytesMax: MAX_NOTE_BYTES, signal })
      if (answer.status === 200) return answer.body
      if (answer.problem?.code === 'node/not-checkpointed') return null
      throw new Failure('transport/bad-status', `status ${answer.status}`, {
        status: answer.status,
      })
    },
    async cosign(note) {
      const url = `${base}checkpoint/cosignatures`
      const sent = { ...headers, 'content-type': 'text/plain; charset=utf-8' }
      const answer = await client.request({
        url,
        method: 'POST',
        headers: sent,
        body: note,
        bytesMax: MAX_NOTE_BYTES,
        repeatable: true,
        signal,
      })
      return answer.status === 200 ? null : (answer.problem?.code ?? `status ${answer.status}`)
    },
  }
}

/** Untrusted. Cuts a stream of bytes into frames; a frame that is none is given as it stands. */
export class FrameCutter {
  #parts: Bytes[] = []
  #held = 0
  #wanted = frameHeaderBytes

  /** The frames that end in this part. */
  take(part: Bytes): readonly Bytes[] {
    const frames: Bytes[] = []
    this.#parts.push(part)
    this.#held += part.length
    while (this.#held >= this.#wanted) {
      const bytes = this.#joined()
      const length = frameLength(bytes)
      // Without a length there is no next frame: the follower refuses what stands here.
      const cut = length ?? Math.min(bytes.length, frameBytesMax)
      if (bytes.length < cut) {
        this.#wanted = cut
        return frames
      }
      this.#parts = [bytes.subarray(cut)]
      this.#held = bytes.length - cut
      this.#wanted = frameHeaderBytes
      frames.push(bytes.slice(0, cut))
    }
    return frames
  }

  #joined(): Bytes {
    const bytes = new Uint8Array(this.#held)
    let at = 0
    for (const part of this.#parts) {
      bytes.set(part, at)
      at += part.length
    }
    this.#parts = [bytes]
    return bytes
  }
}
