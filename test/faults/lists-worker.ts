// A process that tries or loads one long list and says how long it took and what it held at most.
import process from 'node:process'
import { loadList, tryList } from '#test/source-lists'

export type ListJob = {
  readonly verb: 'loaded' | 'tried'
  readonly address: string
  readonly rows: number
}

export type ListDone = { readonly seconds: number; readonly peakMib: number }

process.once('message', ({ verb, address, rows }: ListJob) => {
  const reading = verb === 'tried' ? tryList(address, rows) : loadList(address, rows)
  void reading.then((seconds) => {
    const peakMib = process.resourceUsage().maxRSS / 1024
    process.send?.({ seconds, peakMib } satisfies ListDone, () => process.disconnect())
  })
})
