// A thread that makes and signs the envelopes with which a ledger is filled, some ahead of who
// asks.
import { parentPort } from 'node:worker_threads'
import { envelopes } from './workload.ts'

export type Order = { readonly envelopes: number; readonly of: number }

parentPort?.on('message', (order: Order) => {
  parentPort?.postMessage(envelopes(order.envelopes, order.of))
})
