// History executed again on an empty machine: what a ledger is held against. State, tree, entries
// and times must come out as the ledger says, whatever happened to the machine on the way.
import assert from 'node:assert/strict'
import type { Domain } from '#ledger/apply'
import { decodeEntry, Machine } from '#ledger/apply'
import { latin1Decode } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import { aheadMsMax } from '#ledger/order'
import { Frontier, leafHash, Maps, rootAt } from '#ledger/prove'
import { replayFrame, signedIntentOf } from '#ledger/read'
import { inlineVerifier, Signing } from '#adapters/consensus'
import type { LedgerHost } from '#apps/node/host'
import { ledgerName } from '#test/memory-ledger'

export type Rerun = {
  readonly domains: readonly Domain[]
  readonly code: Uint8Array
  /** Whether the ledger's clock is guarded: then no block may jump without a confirmation. */
  readonly guarded: boolean
}

/** Re-executes the whole journal of a host and compares everything that it holds. */
export function checkHistory(host: LedgerHost, options: Rerun): void {
  const { machine, records } = emptyMachine(options)
  const frontier = new Frontier()
  let time = 0
  for (let height = 1; height <= host.head().height; height += 1) {
    const result = replayFrame(machine, host.proofs.frameBytes(height))
    assert.ok(!('what' in result), `height ${height}: ${JSON.stringify(result)}`)
    machine.confirm(result.applied)
    for (const entry of result.frame.entries) frontier.append(leafHash(entry))
    const jumped = height > 1 && result.frame.time > time + aheadMsMax
    if (options.guarded && jumped) assert.ok(confirms(result.frame.entries), `height ${height}`)
    time = result.frame.time
  }
  assert.deepEqual(machine.head().stateDigest, host.head().stateDigest)
  assert.equal(machine.head().size, host.head().size)
  for (const [key, text] of records) assert.equal(host.recordText(key), text, key)
  assert.deepEqual(rootAt(host.proofs.nodes(), host.head().size), frontier.root())
}

/** Whether the first command of a frame is the one that confirms the time. */
function confirms(entries: readonly Uint8Array[]): boolean {
  return entries.some((bytes) => {
    const text = latin1Decode(bytes)
    const entry = decodeEntry(text)
    if (isRefusal(entry) || entry.kind !== 'single') return false
    return signedIntentOf(text)?.intent.type === 'notes.close'
  })
}

function emptyMachine({ domains, code }: Rerun): {
  machine: Machine
  records: Map<string, string>
} {
  const records = new Map<string, string>()
  const window = new Map<string, number>()
  const store = {
    get: (key: string) => {
      const text = records.get(key)
      return text === undefined ? undefined : (JSON.parse(text) as never)
    },
    apply: (key: string, text: string | null) => {
      if (text === null) records.delete(key)
      else records.set(key, text)
    },
  }
  const machine = new Machine({
    ledger: ledgerName,
    code,
    domains,
    records: store,
    window: {
      has: (member, id) => window.has(`${member}/${id}`),
      add: (member, id, notAfter) => void window.set(`${member}/${id}`, notAfter),
      expire: (time) => {
        for (const [id, notAfter] of window) if (notAfter < time) window.delete(id)
      },
    },
    maps: new Maps(),
    documents: () => undefined,
    signatures: new Signing(inlineVerifier(), store),
  })
  return { machine, records }
}
