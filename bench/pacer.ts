// The clock of the open loop: a thread that sleeps until the next request is due and says so, much
// more evenly than timers of an event loop can.
import { parentPort } from 'node:worker_threads'

const nothing = new Int32Array(new SharedArrayBuffer(4))

parentPort?.on('message', ({ count, rate }: { count: number; rate: number }) => {
  const start = performance.timeOrigin + performance.now() + 5
  for (let due = 0; due < count; due += 1) {
    const wait = start + (due * 1000) / rate - performance.timeOrigin - performance.now()
    if (wait > 0.02) Atomics.wait(nothing, 0, 0, wait)
    parentPort?.postMessage(start + (due * 1000) / rate)
  }
})
