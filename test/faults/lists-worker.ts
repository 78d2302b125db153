// A process that tries or loads one long list and says how long it took and what it held at most.
import process from 'node:process'
import { peakOf } from '#test/held-memory'
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
    process.send?.({ seconds, peakMib: peakOf('self') } satisfies ListDone, () => process.exit(0))
  })
})
