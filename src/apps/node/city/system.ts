// A member's own system as its node reaches it: the database that the sector filled, read through a
// register, written through a sink, and corrected by the sector's own staff, who never pass here.
import { statSync } from 'node:fs'
import type { Register, Sink } from '#adapters/registers'
import { Failure, openSqliteRegister, openSqliteSink } from '#adapters/registers'
import type { Address } from '#apps/node/casework'
import { isHeld } from '#apps/node/loading'
import type { Population } from '#apps/node/residents'
import { tablesOf, writeSource } from '#apps/node/residents'

export type MemberSystem = {
  /** Look-ups by the names of a mapping; empty where the member has no system. */
  readonly registers: { readonly [name: string]: Register }
  readonly sinks: { readonly [name: string]: Sink }
  /** Paths of those that are files. */
  readonly files: { readonly [name: string]: string }
  /** Another text whenever somebody may have written to it; absent where nobody can tell. */
  readonly stamp?: () => string
  close(): Promise<void>
}

/** Where the identity department reaches a person: her phone, and by letter. */
export function addressesIn(
  register: Register | undefined,
): (person: { readonly code: string }) => Promise<readonly Address[]> {
  return async ({ code }) => {
    const columns = ['phone', 'letters_to']
    const question = { table: 'czrk_contact', where: { id_no: code }, columns, limit: 1 }
    const [row] = (await register?.find(question)) ?? []
    const { phone, letters_to: house } = row ?? {}
    const message = typeof phone === 'string' ? [{ channel: 'message', to: phone } as const] : []
    return typeof house === 'string' ? [...message, { channel: 'post', to: house }] : message
  }
}

/**
 * Opens a member's system, and fills it where it is not there yet. `recover` puts back what a load
 * has left that was cut off.
 */
export function openSystem(
  path: string,
  member: string,
  { population, recover }: { readonly population: () => Population; readonly recover: () => void },
): MemberSystem {
  const filled = writeSource(path, () => tablesOf(member, population()))
  if (!filled) return { registers: {}, sinks: {}, files: {}, close: async () => undefined }
  if (isHeld(path)) recover()
  const register = whole(openSqliteRegister(path), path, recover)
  const sink = openSqliteSink(path)
  return {
    registers: { main: register },
    sinks: { main: sink },
    files: { main: path },
    stamp: () => stampOf(path),
    close: async () => {
      await Promise.all([register.close(), sink.close()])
    },
  }
}

/**
 * A system as those see it who look something up: it answers from states that count. While a load
 * writes, and after one was cut off until that is put back, it does not answer.
 */
function whole(register: Register, path: string, recover: () => void): Register {
  const check = (): void => {
    if (!isHeld(path)) return
    recover()
    if (isHeld(path)) throw new Failure('registers/unavailable', 'a load is under way')
  }
  // A load that has begun and ended in between has left a state that counts.
  const asked = async <T>(use: () => Promise<T>): Promise<T> => {
    check()
    const answer = await use()
    check()
    return answer
  }
  return {
    ...register,
    find: (question) => asked(() => register.find(question)),
    describe: (table) => asked(() => register.describe(table)),
    tables: () => asked(() => register.tables()),
    scan: (table, take) => asked(() => register.scan(table, take)),
  }
}

/** Sizes and times of the file and of what SQLite keeps beside it. */
function stampOf(path: string): string {
  return [path, `${path}-wal`]
    .map((each) => {
      const found = statSync(each, { throwIfNoEntry: false, bigint: true })
      return found === undefined ? '' : `${found.mtimeNs} ${found.size}`
    })
    .join('/')
}
