// One thread of the ceiling: Node's own verification over the bench's own commands, and nothing
// else.
import { createPublicKey, verify } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'

const { jwk, commands, ms } = workerData as {
  jwk: { [member: string]: string }
  commands: string[]
  ms: number
}
const key = {
  key: createPublicKey({ key: jwk, format: 'jwk' }),
  dsaEncoding: 'ieee-p1363' as const,
}
const checks = commands.map((command) => {
  const at = command.lastIndexOf('.')
  return {
    input: Buffer.from(command.slice(0, at)),
    signature: Buffer.from(command.slice(at + 1), 'base64url'),
  }
})

/** What one thread did: verifications a second of its time, and its processor time for each. */
export type Verified = { readonly rate: number; readonly cpuMicros: number }

parentPort?.on('message', () => {
  let count = 0
  const start = performance.now()
  const used = process.threadCpuUsage()
  while (performance.now() - start < ms) {
    for (const { input, signature } of checks) {
      if (!verify('sha256', input, key, signature)) throw new Error('a command does not verify')
    }
    count += checks.length
  }
  const { user, system } = process.threadCpuUsage(used)
  const rate = (count * 1000) / (performance.now() - start)
  parentPort?.postMessage({ rate, cpuMicros: (user + system) / count } satisfies Verified)
})
