// Telling people: one port over the ways that there are. A clock that starts with a notice starts
// when it was served, so each way says what it can prove of that.

/** The ways to a person: a letter, a message to a telephone, or the portal. */
export type Channel = 'message' | 'portal' | 'post'

/** All ways, in the order of their names. */
export const channels: readonly Channel[] = ['message', 'portal', 'post']

/** One notice to one person. Its id is random, and sending twice under it is sending once. */
export type Notice = {
  /** 16 random bytes in base64url. */
  readonly id: string
  readonly channel: Channel
  /** Where the carrier finds the person: an address, a number, an account. Never in a log. */
  readonly to: string
  readonly subject: string
  readonly text: string
}

/**
 * How far a notice has come: `queued` here, `handed` to the carrier, `served` to the person, or
 * `failed`, which asks for another way.
 */
export type Progress = 'failed' | 'handed' | 'queued' | 'served' | 'unknown'

/** Where a notice stands, and since when by the carrier's clock (milliseconds), if it says. */
export type Served = { readonly progress: Progress; readonly at?: number }

/**
 * A carrier. `send` returns when the notice can no longer be lost on our side, and throws `Failure`
 * when it cannot promise that: `notices/unavailable`, `notices/other-notice` for an id that stands
 * for another notice, `notices/bad-notice`.
 */
export type Carrier = {
  readonly channel: Channel
  send(notice: Notice): Promise<void>
  standing(id: string): Promise<Served>
  close(): Promise<void>
}

const idForm = /^[\w-]{22}$/
const toMax = 512
const subjectMax = 256
const textMax = 16_384

/** Why a notice cannot be sent, or null. */
export function flawOf(notice: Notice): string | null {
  if (!idForm.test(notice.id)) return 'an id is 16 random bytes in base64url'
  if (notice.to === '' || notice.to.length > toMax) return `to: 1 to ${toMax} characters`
  if (notice.subject.length > subjectMax) return `subject: at most ${subjectMax} characters`
  return notice.text.length > textMax ? `text: at most ${textMax} characters` : null
}
