// One thread of the verifier. It sleeps until the main thread has written a batch into the shared
// region, answers every check of it, and says that it is done.
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import type { PublicKey } from '#base/crypto'
import { importPublicKey, verifyDer, verifySignature } from '#base/crypto'
import type { KeyRecord } from '#ledger/validate'
import { checkWords, control, regionOf } from './pool-layout.ts'

type Start = {
  readonly memory: SharedArrayBuffer
  readonly keys: MessagePort
  readonly done: MessagePort
}

const { memory, keys: keyPort, done } = workerData as Start
const region = regionOf(memory)
const keys: (PublicKey | null)[] = []

for (let turn = 0; ;) {
  Atomics.wait(region.control, control.turn, turn)
  turn = Atomics.load(region.control, control.turn)
  if (turn < 0) break
  for (let note = receiveMessageOnPort(keyPort); note; note = receiveMessageOnPort(keyPort)) {
    const { alg, jwk } = note.message as Pick<KeyRecord, 'alg' | 'jwk'>
    keys.push(importPublicKey(alg, jwk))
  }
  answer()
  done.postMessage(turn)
}

function answer(): void {
  const count = region.control[control.count] ?? 0
  let at = 0
  for (let i = 0; i < count; i += 1) {
    const word = i * checkWords
    const key = keys[region.checks[word] ?? -1] ?? null
    const messageEnd = at + (region.checks[word + 2] ?? 0)
    const end = messageEnd + (region.checks[word + 3] ?? 0)
    const message = region.bytes.subarray(at, messageEnd)
    const signature = region.bytes.slice(messageEnd, end)
    const der = region.checks[word + 1] === 1
    const holds =
      key !== null &&
      (der && key.alg === 'ES256'
        ? verifyDer(key, message, signature)
        : verifySignature(key, message, signature))
    region.verdicts[i] = holds ? 1 : 0
    at = end
  }
}
