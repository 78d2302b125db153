// Where things lie in a city's directory: the ledger of the operator as in every node's directory,
// and a folder of its own for each member, with keys, vault and the sector's own database.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { layoutOf } from '#apps/node/config'
import { recoverLoads } from '#apps/node/loading'
import { ticketsBeside } from '#apps/node/matching'

export type MemberLayout = {
  readonly root: string
  readonly keys: string
  readonly vault: string
  /** The key under which the vault's record keys lie. */
  readonly kek: string
  /** The officers' passkeys, where the city has any. */
  readonly officers: string
  /** The sector's own system: a database file. */
  readonly source: string
  /** Match tickets of its stewards. */
  readonly tickets: string
  /** The private book of its sources. */
  readonly sources: string
  /** How far its department has read. */
  readonly place: string
}

/** The folder of a member; the operator's keys are the node's. */
export function memberLayout(directory: string, member: string, operator: boolean): MemberLayout {
  const root = join(directory, 'members', member)
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const source = join(root, `${member}.db`)
  return {
    root,
    keys: operator ? layoutOf(directory).keys : join(root, 'keys'),
    vault: join(root, 'vault'),
    kek: join(root, 'vault.kek'),
    officers: join(root, 'officers.json'),
    source,
    tickets: ticketsBeside(source),
    sources: join(root, 'sources.db'),
    place: join(root, 'place.db'),
  }
}

/** Puts back what a load into this city has left that was cut off, unless one is under way. */
export function recoverCity(directory: string): void {
  recoverLoads(directory, (member) => memberLayout(directory, member, false).source)
}
