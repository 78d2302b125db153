// Where things lie in a node's directory. Everybody who opens one (the node, a follower, the
// commands of the terminal) asks here, so that a directory is one thing to all of them.
import { join } from 'node:path'

export type Layout = {
  /** Root of the disk of the ledger: journal, state, tiles, checkpoint. */
  readonly ledger: string
  readonly keys: string
  readonly token: string
  /** Settings, if there is a file. */
  readonly config: string
}

/** The places in a directory. */
export function layoutOf(directory: string): Layout {
  return {
    ledger: join(directory, 'ledger'),
    keys: join(directory, 'keys'),
    token: join(directory, 'operator.token'),
    config: join(directory, 'node.toml'),
  }
}
