// The process of one member: its copy of the ledger, its keys, vault, own system, gateway and
// department, and nothing of any other member. It promises to open what an earlier life left, to
// end cleanly when it is told to or when its supervisor is gone, and to end with a failure when the
// ledger shows another history.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#adapters/consensus'
import { openFileStore } from '#adapters/keys'
import type { CityMember, MemberSystem } from '#apps/node/city'
import { memberLayout, openMember, openSystem, readPack, recoverCity } from '#apps/node/city'
import type { RemoteLedger } from '#apps/node/ledger-copy'
import { openRemoteLedger } from '#apps/node/ledger-copy'
import type { Log } from '#apps/node/log'
import { openPracticeOfficers } from '#apps/node/officers'
import { domains } from '#apps/node/serve'
import { identityMember, packOf } from './places.ts'

export type MemberProcessOptions = {
  /** The city's directory; the member's folder lies in it. */
  readonly directory: string
  readonly member: string
  /** Where the ledger's node answers: https by mutual TLS, http by the local operator's token. */
  readonly url: string
  /** The log's origin. */
  readonly ledger: string
  /** Name of the transport key of the ledger's node, for https. */
  readonly serverKid?: string
  /** File with the local operator's token, for http. */
  readonly tokenFile?: string
  /** How often it looks at its own sources, milliseconds; 0 when absent: when it is told to. */
  readonly refreshMs?: number
  readonly log: Log
}

export type MemberProcess = {
  readonly member: CityMember
  readonly remote: RemoteLedger
  /** Where the other members' gateways listen; changed by whoever learns it. */
  readonly addresses: Map<string, string>
  /** Resolves with what ended it for good. */
  readonly failed: Promise<unknown>
  close(): Promise<void>
}

/** How long an end waits for what is still being said to the ledger. */
const closeMs = 5_000

/** Opens a member over a ledger that runs elsewhere; its department works from then on. */
export async function openMemberProcess(options: MemberProcessOptions): Promise<MemberProcess> {
  const { directory, member: code, log, url, ledger } = options
  const pack = readPack(packOf)
  const member = pack.members.find((each) => each.code === code)
  if (member === undefined) throw new Error(`the pack has no member ${code}`)
  const layout = memberLayout(directory, code, code === pack.operator)
  const keys = openFileStore(layout.keys)
  const { serverKid, tokenFile } = options
  const remote = await openRemoteLedger({
    url,
    ledger,
    proving:
      serverKid === undefined ? { tokenFile: tokenFile ?? 'operator.token' } : { keys, serverKid },
    directory: join(layout.root, 'ledger'),
    domains,
    report: (note) => log({ ...note, member: code }),
  })
  const addresses = new Map<string, string>()
  const { officers: count = 0 } = member
  try {
    const opened = await openMember({
      member,
      layout,
      keys,
      host: remote,
      clock: systemClock,
      log,
      mapping: pack.mappings.get(code),
      system: systemOf(layout.source, code, directory),
      addresses,
      identityMember,
      refreshMs: options.refreshMs ?? 0,
      officers: existsSync(layout.officers)
        ? openPracticeOfficers(layout.officers, code, count)
        : null,
    })
    await opened.refresh.first()
    opened.department.start()
    opened.refresh.start()
    return {
      member: opened,
      remote,
      addresses,
      failed: remote.failed,
      close: async () => {
        // A ledger that is away keeps nobody from ending: what was not said is said next time.
        const late = setTimeout(() => remote.abandon(), closeMs)
        await opened.close()
        clearTimeout(late)
        await remote.close()
      },
    }
  } catch (failure) {
    await remote.close()
    throw failure
  }
}

/** A system was filled when the city began; where there is no file, the member has none. */
function systemOf(path: string, code: string, directory: string): MemberSystem {
  if (!existsSync(path))
    return { registers: {}, sinks: {}, files: {}, close: async () => undefined }
  return openSystem(path, code, {
    population: () => {
      throw new Error(`${code} has a system already`)
    },
    recover: () => recoverCity(directory),
  })
}
