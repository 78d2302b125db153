// The port over a host of the same process keeps the contract of ports, in simulated time and with
// every crash between asking and hearing.
import type { LedgerHost } from '#apps/node/host'
import { openLedgerPort } from '#apps/node/ledger-port'
import { contractKeys, ledgerPortContract } from '#test/ledger-port-contract'
import type { PortWorld } from '#test/ledger-port-contract'
import { notes, startTime } from '#test/memory-ledger'
import { openPortHost, registering } from '#test/port-world'
import { SimClock } from '#simulation/sim-clock'
import { SimDisk } from '#simulation/sim-disk'

async function openWorld(): Promise<PortWorld> {
  const clock = new SimClock(startTime)
  const later = (call: () => void): void => void clock.after(1, call)
  const opened = (disk: SimDisk): LedgerHost => {
    return openPortHost({ disk, clock, domains: [registering(contractKeys), notes] })
  }
  let disk = new SimDisk(later)
  let host = opened(disk)
  return {
    port: async (member = 'tax', keys = contractKeys.get(member)!) => {
      return openLedgerPort({ host, keys, member, clock })
    },
    answered: async (submitted) => {
      await clock.pass(50)
      return submitted
    },
    pass: (ms) => clock.pass(ms),
    killAndOpen: async () => {
      clock.clear()
      disk = disk.released(later)
      host = opened(disk)
      await clock.pass(30_000)
    },
    close: async () => clock.clear(),
  }
}

ledgerPortContract('in one process', openWorld)
