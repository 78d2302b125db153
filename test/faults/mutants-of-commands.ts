// Exits with 1 when a command whose signature was changed is admitted by the real verifier.
import { fillBlock } from '#ledger/order'
import { command, memoryLedger, startTime } from '#test/memory-ledger'

const ledger = memoryLedger()
const good = command('notes.set', { key: 'a', value: 1 })
const signature = good.jws.signature.slice()
signature[40] = (signature[40] as number) ^ 1
const bad = { ...good, jws: { ...good.jws, signature } }
const filled = fillBlock([bad], ledger.machine.admission(startTime + 1))
process.exitCode = filled.commands.length === 0 ? 0 : 1
