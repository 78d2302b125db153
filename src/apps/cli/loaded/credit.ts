// Firms of a loaded city ask banks for credit on their use of gas: the gas company answers yes or
// no and a band, the bank decides by a rule of its own. Some withhold their consent, and nothing of
// them is shown to anybody. What a bank was told is held against the gas company's register, case
// by case: a run in which one differs has failed.
import type { Json } from '#base/canonical'
import type { City } from '#apps/node/city'
import { itemOf } from '#domains/processes'
import { applicationOf, askedBy, counted, decideAt, done, patiently } from './deeds.ts'
import { Refused, shownTo, sideBySide, until } from './deeds.ts'
import type { Someone } from './deeds.ts'

/** What the gas company's own register says of a bill, in the words of its answers. */
export type GasAnswers = {
  readonly arrears: boolean
  readonly band: string
  readonly trend: string
}

/** A customer of the gas company who asks for credit, with what a direct question says of it. */
export type Borrower = Someone & { readonly rep: Someone; readonly bill: GasAnswers }

export type CreditRun = {
  readonly cases: number
  readonly granted: number
  readonly refused: { readonly [code: string]: number }
  /** Cases that did not come to a decision, by what held them up. */
  readonly failed: { readonly [code: string]: number }
  readonly withoutConsent: number
  /** Fields that their banks were shown, and records that the gas company has of them. */
  readonly shownWithoutConsent: number
  /** Why a bank may not read without consent. */
  readonly keptOut: { readonly [code: string]: number }
  readonly asked: number
  readonly fetched: number
  readonly beyond: number
  readonly fields: readonly string[]
  /** What banks were told. */
  readonly arrears: { readonly [answer: string]: number }
  readonly band: { readonly [word: string]: number }
  readonly trend: { readonly [word: string]: number }
  /** The same of the same bills, asked of the gas company's own register. */
  readonly register: {
    readonly arrears: { readonly [answer: string]: number }
    readonly band: { readonly [word: string]: number }
    readonly trend: { readonly [word: string]: number }
  }
  /** Cases in which the two differ. */
  readonly differing: number
}

const application = 'bj.firm.credit'
const banks = ['bank-lotus', 'bank-willow'] as const
const wide = 16
/** Every so many withholds its consent: the firm signs, its representative does not. */
export const withholdsEvery = 10

/** What firms ask for in turn, fen. */
const wishes = [10_000_000, 50_000_000, 200_000_000] as const
/** The most that the practice banks lend on a band of use, fen: their own rule, in no blueprint. */
const most: { readonly [band: string]: number } = {
  small: 30_000_000,
  medium: 100_000_000,
  large: 300_000_000,
  'very-large': 1_000_000_000,
}

type Told = {
  readonly code: string
  readonly is: 'failed' | 'granted' | 'refused'
  readonly said: GasAnswers | null
  readonly shown: readonly string[]
}

type Withheld = { readonly code: string; readonly case: string; readonly bank: string }

/** Runs the applications; `onDone` is called after each. */
export async function runCredit(
  city: City,
  borrowers: readonly Borrower[],
  onDone: (so: number) => void,
): Promise<CreditRun> {
  const asked = askedBy(applicationOf(city, application), 'bank')
  let so = 0
  const withheld: Withheld[] = []
  const outcomes = await sideBySide(borrowers, wide, async (borrower, at) => {
    const isWithheld = at % withholdsEvery === withholdsEvery - 1
    const told = isWithheld ? null : await borrow(city, borrower, at)
    if (told === null) withheld.push(await withhold(city, borrower, at))
    onDone((so += 1))
    return told
  })
  const decided = outcomes.flatMap((told, at) => (told?.said ? [{ ...told, at }] : []))
  const bills = decided.flatMap(({ at }) => borrowers[at]?.bill ?? [])
  const said = decided.flatMap((told) => told.said ?? [])
  const codes = (is: Told['is']): { readonly [code: string]: number } =>
    counted(outcomes.flatMap((told) => (told?.is === is ? [told.code] : [])))
  const shown = decided.flatMap((told) => told.shown)
  return {
    cases: borrowers.length,
    granted: outcomes.filter((told) => told?.is === 'granted').length,
    refused: codes('refused'),
    failed: codes('failed'),
    withoutConsent: withheld.length,
    shownWithoutConsent: withheld.reduce((sum, one) => sum + seenOf(city, one), 0),
    keptOut: counted(withheld.map(({ code }) => code)),
    asked: asked.size * decided.length,
    fetched: shown.length,
    beyond: shown.filter((field) => !asked.has(field)).length,
    fields: [...new Set(shown)].toSorted(byCodeUnits),
    ...distribution(said),
    register: distribution(bills),
    differing: said.filter((one, at) => !isSame(one, bills[at])).length,
  }
}

/** Whether nothing was shown without consent, and every answer is the register's. */
export function isAsPromised(run: CreditRun): boolean {
  const failed = Object.keys(run.failed).length + (run.keptOut['ok'] ?? 0)
  return failed + run.shownWithoutConsent + run.beyond + run.differing === 0
}

function distribution(all: readonly GasAnswers[]): CreditRun['register'] {
  return {
    arrears: counted(all.map(({ arrears }) => (arrears ? 'yes' : 'no'))),
    band: counted(all.map(({ band }) => band)),
    trend: counted(all.map(({ trend }) => trend)),
  }
}

function isSame(one: GasAnswers, other: GasAnswers | undefined): boolean {
  const { arrears, band, trend } = one
  return other?.arrears === arrears && other.band === band && other.trend === trend
}

/** One application to its end: what the bank was told, and what it decided. */
async function borrow(city: City, borrower: Borrower, at: number): Promise<Told> {
  const bank = bankOf(at)
  let said: GasAnswers | null = null
  try {
    const id = await file(city, borrower, at)
    await sign(city, id, { borrower, signs: ['applicant', 'legalRep'] })
    said = await readAs(city, bank, id)
    const fen = wishOf(at)
    const no = refusalOf(said, fen)
    const value = { no: `practice-${bank}-${borrower.code.slice(-9)}`, uscc: borrower.code, fen }
    const deciding = { case: id, act: 'lend' }
    await decideAt(city.member(bank), no === null ? { ...deciding, value } : { ...deciding, no })
    const shown = [...shownTo(city.member(bank), id)]
    return { is: no === null ? 'granted' : 'refused', code: no ?? '', said, shown }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { is: 'failed', code: error.code, said: null, shown: [] }
  }
}

/** The practice banks' own rule: who owes gets nothing, and use is the measure of the amount. */
function refusalOf({ arrears, band, trend }: GasAnswers, fen: number): string | null {
  if (arrears) return 'gas-arrears'
  if (fen > (most[band] ?? 0)) return 'beyond-use'
  return band === 'small' && trend === 'falling' ? 'use-falling' : null
}

/** An application without consent: the bank asks all the same. Gives what it was refused with. */
async function withhold(city: City, borrower: Borrower, at: number): Promise<Withheld> {
  const bank = bankOf(at)
  const id = await file(city, borrower, at)
  await sign(city, id, { borrower, signs: ['applicant'] })
  const read = { case: id, act: 'lend', tags: {} }
  const asked = await city.member(bank).port.submit('case.read', read)
  const { desk } = city.member('market')
  const withdrawn = { case: id, party: 'applicant', approval: '不再申请' }
  await patiently(() => desk.withdraw(withdrawn))
  return { code: 'refused' in asked ? asked.refused.code : 'ok', case: id, bank }
}

/** Fields that the bank was shown in a case, and whatever the gas company holds of it. */
function seenOf(city: City, { case: id, bank }: Withheld): number {
  const held = city.member('gas').vault.find({ case: id }).length
  return shownTo(city.member(bank), id).size + held
}

function bankOf(at: number): string {
  return banks[at % banks.length] ?? banks[0]
}

function wishOf(at: number): number {
  return wishes[at % wishes.length] ?? wishes[0]
}

async function file(city: City, { code, name }: Someone, at: number): Promise<string> {
  const { desk, port } = city.member('market')
  const { identity: blueprint } = applicationOf(city, application)
  const identified = { method: 'idp' } as const
  const filing = { blueprint, party: 'applicant', person: { code, name }, identified }
  const { case: id } = done(await desk.file(filing))
  const value = { bank: bankOf(at), fen: wishOf(at), purpose: 'stock' }
  await patiently(() => desk.say({ case: id, item: 'request', value }))
  const isThere = (): true | undefined =>
    itemOf(port.view(), id, 'licence')?.available === true ? true : undefined
  await until(isThere, 'node/source-failed')
  return id
}

async function sign(
  city: City,
  id: string,
  { borrower, signs }: { readonly borrower: Borrower; readonly signs: readonly string[] },
): Promise<void> {
  const { desk } = city.member('market')
  const { code, name, rep } = borrower
  const joining = { case: id, party: 'legalRep', person: rep } as const
  await patiently(() => desk.join({ ...joining, identified: { method: 'idp' } }))
  const value: Json = { until: '2029-03-02', scope: '审批并管理这笔贷款' }
  for (const party of signs) {
    const signer = { party, ...(party === 'legalRep' ? rep : { code, name }) }
    const means = { class: 'own' } as const
    await patiently(() => desk.sign({ case: id, act: 'agree', signer, value, means }))
  }
}

/** What the bank's officer sees of the use of gas when she opens the case. */
async function readAs(city: City, bank: string, id: string): Promise<GasAnswers> {
  const { desk } = city.member(bank)
  const line = await until(
    () => desk.inbox().find((each) => each.case === id && each.act === 'lend'),
    'node/not-shown',
  )
  const open = await desk.open(line)
  const [record] = open?.shown?.items['gasUse'] ?? []
  const { arrears, band, trend } = record?.fields ?? {}
  if (typeof arrears !== 'boolean' || typeof band !== 'string' || typeof trend !== 'string') {
    throw new Refused('node/not-shown')
  }
  return { arrears, band, trend }
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1
}
