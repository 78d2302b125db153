// `lianban city run`: the main job on what was loaded. It opens the city in this process, does so
// many cases as was asked, and prints cases, refusals by reason, fields and seconds: everything it
// says was counted in this run.
import fs from 'node:fs'
import { join } from 'node:path'
import { memberLayout } from '#apps/node/city'
import type { City } from '#apps/node/city'
import { countOption, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, text } from '#apps/cli/output'
import type { Answer, Text } from '#apps/cli/output'
import { openAccounts } from './accounts.ts'
import { certifyFirms } from './certificates.ts'
import type { Certified } from './certificates.ts'
import { needCity, needDirectory, openHere } from '#apps/cli/city'
import { figureLines } from './figures.ts'
import { invalidApplicants } from './invalid.ts'
import { isAsPromised } from './credit.ts'
import { gasWords, runGas } from './gas.ts'
import { runTransfers } from './transfers.ts'
import { applicantsOf, salesOf, sealedOf, systemsOf } from './systems.ts'
import type { AskSystem } from './systems.ts'

const countDefault = 20

/** Runs `city run WHAT`. */
export async function runCity(ask: Ask): Promise<Answer> {
  const directory = needCity(ask)
  const what = ask.operands['WHAT'] ?? ''
  const run = Object.hasOwn(runs, what) ? runs[what] : undefined
  if (run === undefined) {
    const known = Object.keys(runs).join(' ')
    throw usage('cli/bad-value', 'WHAT', [`可用：${known}`, `one of: ${known}`])
  }
  // Asking where a member's things lie makes its folder: a city that is not there stays so.
  const isThere = fs.existsSync(join(directory, 'members', 'market'))
  if (!isThere || !fs.existsSync(memberLayout(directory, 'market', false).source)) {
    throw notLoaded(directory)
  }
  const count = countOption(ask, 'count', countDefault)
  const opening = performance.now()
  const city = await openHere(directory)
  const openSeconds = secondsSince(opening)
  const before = city.node.host.head().size
  try {
    const began = performance.now()
    const figures = await run({ ask, city, system: systemsOf(directory), count })
    const seconds = secondsSince(began)
    const entries = city.node.host.head().size - before
    const { ok = true, says = [], ...found } = figures
    const counts = { ok, run: what, ...found, entries, seconds, openSeconds }
    const words = says.flatMap((each) => ask.terminal.fold(ask.terminal.of(each)))
    const lines = [...figureLines(ask.terminal, counts), ...words]
    return { data: { ...counts, says }, lines, exit: ok ? exits.ok : exits.failure }
  } catch (error) {
    if (/no such table/.test((error as Error).message)) throw notLoaded(directory)
    throw error
  } finally {
    await city.stop()
  }
}

type Running = {
  readonly ask: Ask
  readonly city: City
  readonly system: AskSystem
  readonly count: number
}

/** Figures by name; a run that is not as it should be has failed. */
type Figures = {
  readonly ok?: boolean
  /** What whoever reads the figures must know. */
  readonly says?: readonly Text[]
}

const runs: { readonly [what: string]: (of: Running) => Promise<Figures & object> } = {
  accounts: async ({ ask, city, system, count }) => {
    const progress = ask.terminal.progress('已办', 'done')
    const invalid =
      ask.values['data'] === undefined ? [] : await invalidApplicants(ask.values['data'])
    const applicants = [...invalid, ...applicantsOf(system, count)].slice(0, count)
    const found = await openAccounts(city, applicants, (so) => progress(so, applicants.length))
    progress()
    return { ...found, says: [again.accounts] }
  },
  certificates: async ({ ask, city, system, count }) => {
    const progress = ask.terminal.progress('已签发', 'issued')
    const rows = system('market', `SELECT * FROM gx_certificate ORDER BY rowid LIMIT ${count}`)
    const verify = countOption(ask, 'verify', Math.min(100, count))
    const found: Certified = await certifyFirms(city, { rows, verify, onDone: progress })
    progress()
    return { ...found, says: [again.certificates] }
  },
  transfers: async ({ ask, city, system, count }) => {
    const progress = ask.terminal.progress('已办', 'done')
    const { sales, left, sold } = salesOf(system, count)
    const sealed = sealedOf(system, countOption(ask, 'sealed', Math.min(5, count)))
    const found = await runTransfers(city, { sales, sealed, onDone: progress })
    progress()
    const few = sales.length < count ? [fewerSales({ count, left, sold })] : []
    return { ok: sales.length > 0, ...found, says: few }
  },
  gas: async ({ ask, city, system, count }) => {
    const progress = ask.terminal.progress('已办', 'done')
    const data = ask.values['data'] ?? null
    const onDone = (so: number): void => progress(so, count)
    const found = await runGas(city, { system, count, data, onDone })
    progress()
    if (found.cases === 0) throw notLoaded(needDirectory(ask))
    return { ok: isAsPromised(found), ...found, says: [...gasWords(found), again.gas] }
  },
}

/** What a run does that was run before on the same city. */
const again = {
  accounts: text(
    '再运行一次，同样的企业会再各开一户',
    'run again, the same firms open one more account each',
  ),
  certificates: text(
    '再运行一次，同样的企业会再各得一份',
    'run again, the same firms get one more certificate each',
  ),
  gas: text(
    '再运行一次，同样的企业会再各申请一笔',
    'run again, the same firms apply once more each',
  ),
}

/** Why fewer sales were run than was asked for. */
function fewerSales(of: {
  readonly count: number
  readonly left: number
  readonly sold: number
}): Text {
  const { count, left, sold } = of
  return text(
    `要办 ${count} 件，可办的只有 ${left} 件：另有 ${sold} 套住房已不归卖方，一套住房只卖一次；要重办请另载入一个城市`,
    `asked for ${count}, and only ${left} could be run: ${sold} more homes are no longer their sellers’, a home is sold once; to run them again load another city`,
  )
}

function notLoaded(directory: string): Stop {
  return new Stop({
    code: 'cli/not-found',
    exit: exits.failure,
    at: directory,
    text: text('这个城市还没有载入所需的数据', 'what is needed has not been loaded into this city'),
    remedy: text('先运行 lianban city load', 'run lianban city load first'),
  })
}

function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 100) / 10
}
