// The ledger that a command means: a running node at `--url`, or the directory on this machine. A
// directory is opened and served on the loopback for as long as the command runs, under a token
// that nobody else has, so that both ways are one way and give the same answers.
import { randomBytes } from 'node:crypto'
import { HttpClient } from '#adapters/transport'
import type { Ask } from '#apps/cli/command'
import { keysOf, openLedger } from '#apps/cli/directory'
import { openHttp } from '#apps/node/http'
import type { Observer } from '#apps/node/http'
import { domains, refusalSigner } from '#apps/node/serve'
import { connect } from './connect.ts'
import type { Remote } from './connect.ts'

/** A ledger that can be asked until it is closed. */
export type Reached = { readonly remote: Remote; readonly close: () => Promise<void> }

/** Reaches the ledger; with `writes` a directory takes commands as its node would. */
export async function reachLedger(ask: Ask, how: { readonly writes: boolean }): Promise<Reached> {
  const { url } = ask.values
  if (url !== undefined) {
    const remote = await connect(ask, url)
    return { remote, close: () => Promise.resolve(remote.client.close()) }
  }
  const opened = openLedger(ask, how)
  const { host, directory } = opened
  const token = randomBytes(32).toString('base64url')
  const signRefusal = how.writes
    ? refusalSigner(keysOf(ask, directory.layout), host, directory.beginning.operator)
    : undefined
  const http = openHttp({
    ledgers: [
      {
        host,
        maps: domains.flatMap((domain) => domain.maps ?? []),
        ...(signRefusal === undefined ? {} : { signRefusal }),
      },
    ],
    operatorToken: token,
    observer: quiet,
    metrics: () => '',
    openapi: '{}',
  })
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  const origin = `http://127.0.0.1:${port}`
  const client = new HttpClient({ servers: [{ origin }] })
  const headers = {
    authorization: `Bearer ${token}`,
    'accept-language': ask.terminal.language,
  }
  return {
    remote: { client, base: `${origin}/v1/`, headers },
    close: async () => {
      client.close()
      await http.stop(1000)
      await opened.close()
    },
  }
}

/** Runs an act on the ledger and lets go of it whatever happens. */
export async function withReached<Result>(
  ask: Ask,
  how: { readonly writes: boolean },
  act: (remote: Remote) => Promise<Result>,
): Promise<Result> {
  const reached = await reachLedger(ask, how)
  try {
    return await act(reached.remote)
  } finally {
    await reached.close()
  }
}

const nothing = (): void => undefined

/** One command is not worth figures. */
const quiet: Observer = {
  asked: nothing,
  refused: nothing,
  committed: nothing,
  streams: nothing,
  failed: nothing,
}
