// What the reads are compared with: a process with node:http alone, which answers every request
// with a body of a given size.
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Used } from './child.ts'
import { answerJobs, usedNow } from './child.ts'

export type BareJobs = {
  serve: { in: { readonly bytes: number }; out: { readonly port: number } }
  usage: { in: null; out: Used }
}

let server: Server | null = null

answerJobs<BareJobs>({
  serve: ({ bytes }) => {
    server?.closeAllConnections()
    server?.close()
    const body = 'x'.repeat(bytes)
    const head = ['Content-Type', 'application/json', 'Content-Length', String(bytes)]
    const next = createServer({ noDelay: true }, (_req, res) => {
      res.writeHead(200, head)
      res.end(body, 'latin1')
    })
    server = next
    return new Promise((resolve) => {
      next.listen({ host: '127.0.0.1', port: 0 }, () => {
        resolve({ port: (next.address() as AddressInfo).port })
      })
    })
  },
  usage: () => usedNow(),
})
