// The practice city's post: letters and messages to people lie in a folder, because nobody is there
// to read them. Each is served at the moment at which it is written, and says so.
import { openFolderCarrier } from '#adapters/notices'
import type { Carrier, Channel, Notice } from '#adapters/notices'

/** A notice that was sent, and when by the practice clock, Unix milliseconds. */
export type Letter = Notice & { readonly at: number }

export type PostBox = {
  send(notice: Notice): Promise<void>
  /** Notices of this run, the oldest first. */
  sent(): readonly Letter[]
}

/** A post box over a folder of the member's. */
export function postOf(folder: string, clock: { wallMs(): number }): PostBox {
  const carriers = new Map<Channel, Carrier>()
  const letters: Letter[] = []
  return {
    send: async (notice) => {
      const { channel, id } = notice
      let carrier = carriers.get(channel)
      if (carrier === undefined) {
        carrier = openFolderCarrier(folder, channel)
        carriers.set(channel, carrier)
      }
      await carrier.send(notice)
      if (letters.some((letter) => letter.id === id)) return
      letters.push({ ...notice, at: clock.wallMs() })
    },
    sent: () => letters,
  }
}
