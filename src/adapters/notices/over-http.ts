// A service as a carrier: a message gateway, or a post office that prints. How its requests travel
// is given from outside, so that addresses, certificates and time limits are those of the house.
//
//   PUT notices/ID  {to, subject, text}  → 200, 201, 202 or 204; 409 if the id stands for another
//   GET notices/ID                       → {progress, at?}; 404 if unknown
import { Failure } from './failure.ts'
import type { Carrier, Channel, Progress, Served } from './notice.ts'
import { flawOf } from './notice.ts'

/** One request; rejects when no answer came. The body of an answer is Untrusted. */
export type Exchange = (request: {
  readonly method: 'GET' | 'PUT'
  readonly path: string
  readonly body?: unknown
}) => Promise<{ readonly status: number; readonly body: unknown }>

const known: readonly Progress[] = ['failed', 'handed', 'queued', 'served']

/** A carrier behind a service. */
export function openServiceCarrier(channel: Channel, exchange: Exchange): Carrier {
  const ask: Exchange = async (request) => {
    try {
      return await exchange(request)
    } catch (error) {
      throw new Failure('notices/unavailable', 'no answer', error)
    }
  }
  return {
    channel,
    send: async (notice) => {
      const flaw = notice.channel === channel ? flawOf(notice) : `this carrier is for ${channel}`
      if (flaw !== null) throw new Failure('notices/bad-notice', flaw)
      const { id, to, subject, text } = notice
      const path = `notices/${id}`
      const { status } = await ask({ method: 'PUT', path, body: { to, subject, text } })
      if (status === 409) throw new Failure('notices/other-notice', id)
      if (status < 200 || status > 204) throw new Failure('notices/unavailable', `status ${status}`)
    },
    standing: async (id) => {
      const { status, body } = await ask({ method: 'GET', path: `notices/${id}` })
      if (status === 404) return { progress: 'unknown' }
      if (status !== 200) throw new Failure('notices/unavailable', `status ${status}`)
      return servedOf(body)
    },
    close: async () => undefined,
  }
}

function servedOf(body: unknown): Served {
  const members = (typeof body === 'object' && body !== null ? body : {}) as {
    readonly progress?: unknown
    readonly at?: unknown
  }
  const progress = known.find((each) => each === members.progress)
  if (progress === undefined) throw new Failure('notices/bad-answer', known.join(', '))
  const { at } = members
  if (at === undefined) return { progress }
  if (typeof at !== 'number' || !Number.isSafeInteger(at) || at < 0) {
    throw new Failure('notices/bad-answer', 'at: integer milliseconds')
  }
  return { progress, at }
}
