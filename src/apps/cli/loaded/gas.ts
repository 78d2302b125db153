// Gas bills: what of the published ones could be shared with a bank as they were published, and
// what banks are told of those that were joined to made customers. A masked code names nobody, so
// that no consent can be asked for it, and it is never completed by guessing.
import fs from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { City } from '#apps/node/city'
import { readSource } from '#apps/node/loading'
import { openSource } from '#apps/cli/source'
import { packLoadFiles, readLoadFile } from '#apps/cli/steward'
import { text } from '#apps/cli/output'
import type { Text } from '#apps/cli/output'
import { runCredit, withholdsEvery } from './credit.ts'
import type { CreditRun } from './credit.ts'
import { borrowersOf } from './systems.ts'
import type { AskSystem } from './systems.ts'

/** What of a published file could be shared if its codes counted as they stand. */
export type GasStanding = {
  /** Rows whose codes are whole: a firm can be asked about them. */
  readonly shareable: number
  /** Rows of the published file, where it is given. */
  readonly published: number
  /** Its rows that can be no evidence, and reasons by cell. */
  readonly refused: number
  readonly reasons: { readonly [code: string]: number }
}

export type GasRun = CreditRun & {
  /** Null where the file is not given. */
  readonly asPublished: GasStanding | null
}

/** How the gas company itself loads its bills, whose codes are whole. */
const whole = fileURLToPath(
  new URL('../../../../packs/beijing/whole/gas-bills.json', import.meta.url),
)

/** Reads the published file as evidence under its own codes. */
export async function gasStanding(data: string): Promise<GasStanding | null> {
  const file = readLoadFile(whole)
  const path = join(data, file.file)
  if (!fs.existsSync(path)) return null
  const read = await readSource(file, await openSource(path), { take: () => 'taken' })
  const reasons: { [code: string]: number } = {}
  for (const { code, count } of read.refused.groups()) reasons[code] = (reasons[code] ?? 0) + count
  const { rows: published, accepted: shareable, refusedRows: refused } = read
  return { shareable, published, refused, reasons }
}

/** Runs so many bills as applications for credit. */
export async function runGas(
  city: City,
  of: {
    readonly system: AskSystem
    readonly count: number
    readonly data: string | null
    readonly onDone: (so: number) => void
  },
): Promise<GasRun> {
  const asPublished = of.data === null ? null : await gasStanding(of.data)
  const borrowers = borrowersOf(of.system, of.count)
  return { ...(await runCredit(city, borrowers, of.onDone)), asPublished }
}

/** What whoever reads the figures must know: whose bills they are, and whose they are not. */
export function gasWords({ asPublished }: GasRun): readonly Text[] {
  const note = packLoadFiles().find(({ name }) => name === 'gas-bills')?.note
  const own = [
    ...(note === undefined ? [] : [text(note.zh, note.en)]),
    text(
      `每第 ${withholdsEvery} 件由法定代表人不予授权，用以证明不授权即不示任何内容`,
      `of every ${withholdsEvery}th the representative withholds consent, to show that nothing is shown then`,
    ),
  ]
  if (asPublished === null) return own
  const { published, shareable } = asPublished
  return [
    ...own,
    text(
      `按公布的原样，${published} 行中可供共享的为 ${shareable} 行：代码被遮掩，无法征得任何人同意`,
      `as published ${shareable} of ${published} rows could be shared: ` +
        'a masked code names nobody who could be asked for consent',
    ),
  ]
}
