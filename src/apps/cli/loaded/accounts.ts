// Companies of a loaded city open bank accounts, online and through the ledger: each under the code
// and name of its public record, with a made representative. A code that is none is refused before
// a case begins; a code that stands in the register under two names waits for a steward's word.
import type { Json } from '#base/canonical'
import type { City } from '#apps/node/city'
import { flawsOf } from '#adapters/sources'
import { itemOf } from '#domains/processes'
import { applicationOf, askedBy, counted, decideAt, done, patiently } from './deeds.ts'
import { Refused, shownTo, sideBySide, until } from './deeds.ts'
import type { Someone } from './deeds.ts'

/** A company that wants an account. */
export type Applicant = { readonly code: string; readonly name: string; readonly rep: Someone }

/** What came of it. */
export type AccountsRun = {
  readonly cases: number
  readonly opened: number
  readonly refused: { readonly [code: string]: number }
  /** Cases that wait for a steward of the register, by reason. */
  readonly tickets: { readonly [code: string]: number }
  /** Fields for each opened account that the bank asked for, and that it was shown. */
  readonly asked: number
  readonly fetched: number
  readonly beyond: number
  /** Names of the fields that were shown. */
  readonly fields: readonly string[]
}

const application = 'bj.firm.account'
const banks = ['bank-lotus', 'bank-willow'] as const
const wide = 16

type Outcome =
  | { readonly is: 'opened'; readonly shown: readonly string[]; readonly beyond: number }
  | { readonly is: 'refused' | 'ticket'; readonly code: string }

/** Runs the openings; `onDone` is called after each. */
export async function openAccounts(
  city: City,
  applicants: readonly Applicant[],
  onDone: (so: number) => void,
): Promise<AccountsRun> {
  const asked = askedBy(applicationOf(city, application), 'bank')
  let so = 0
  const outcomes = await sideBySide(applicants, wide, async (applicant, at) => {
    const outcome = await openOne(city, applicant, { at, asked })
    onDone((so += 1))
    return outcome
  })
  const opened = outcomes.filter((each) => each.is === 'opened')
  const codes = (is: 'refused' | 'ticket'): { readonly [code: string]: number } =>
    counted(outcomes.flatMap((each) => (each.is === is ? [each.code] : [])))
  return {
    cases: applicants.length,
    opened: opened.length,
    refused: codes('refused'),
    tickets: codes('ticket'),
    asked: asked.size * opened.length,
    fetched: opened.reduce((sum, { shown }) => sum + shown.length, 0),
    beyond: opened.reduce((sum, { beyond }) => sum + beyond, 0),
    fields: [...new Set(opened.flatMap(({ shown }) => shown))].toSorted(byCodeUnits),
  }
}

async function openOne(
  city: City,
  applicant: Applicant,
  { at, asked }: { readonly at: number; readonly asked: ReadonlySet<string> },
): Promise<Outcome> {
  const flaw = flawOf(applicant.code)
  if (flaw !== undefined) return { is: 'refused', code: flaw }
  try {
    const bank = banks[at % banks.length] ?? banks[0]
    const id = await file(city, applicant, bank)
    const licence = await until(() => licenceOf(city, id), 'node/source-failed')
    if (licence !== 'there') return { is: 'ticket', code: licence }
    await agree(city, id, applicant)
    const { code } = applicant
    const value = { no: `practice-${bank}-${code.slice(-9)}`, uscc: code }
    await decideAt(city.member(bank), { case: id, act: 'open', value })
    const filed = { no: `practice-filing-${code.slice(-9)}` }
    await decideAt(city.member('pbc'), { case: id, act: 'file', value: filed })
    const shown = [...shownTo(city.member(bank), id)]
    const beyond = shown.filter((field) => !asked.has(field)).length
    return { is: 'opened', shown, beyond }
  } catch (error) {
    if (error instanceof Refused) return { is: 'refused', code: error.code }
    throw error
  }
}

/** What is wrong with the form of a code: the counter looks before a case begins. */
function flawOf(code: string): string | undefined {
  if (code === '') return 'node/load-missing'
  const [flaw] = flawsOf({ text: code, sort: 'text' }, { type: 'uscc' })
  return flaw
}

async function file(city: City, { code, name }: Applicant, bank: string): Promise<string> {
  const { desk } = city.member('market')
  const { identity } = applicationOf(city, application)
  const person = { code, name }
  const identified = { method: 'idp' } as const
  const filing = { blueprint: identity, party: 'applicant', person, identified }
  const { case: id } = done(await desk.file(filing))
  const value = { bank, purpose: 'basic' }
  await patiently(() => desk.say({ case: id, item: 'request', value }))
  return id
}

/** Whether the register has answered, or why a steward has to look. */
function licenceOf(city: City, id: string): string | undefined {
  const { port, desk } = city.member('market')
  if (itemOf(port.view(), id, 'licence')?.available === true) return 'there'
  const line = desk.inbox().find((each) => each.case === id && each.item === 'licence')
  return line?.code ?? line?.reason
}

async function agree(city: City, id: string, applicant: Applicant): Promise<void> {
  const { desk } = city.member('market')
  const { code, name } = applicant.rep
  const identified = { method: 'idp' } as const
  const person = { code, name }
  await patiently(() => desk.join({ case: id, party: 'legalRep', person, identified }))
  const value: Json = { until: '2031-03-02', scope: '开立并维护账户' }
  const firm = { code: applicant.code, name: applicant.name }
  for (const [party, signer] of [
    ['applicant', firm],
    ['legalRep', person],
  ] as const) {
    const means = { class: 'own' } as const
    const signature = { case: id, act: 'agree', signer: { party, ...signer }, value, means }
    await patiently(() => desk.sign(signature))
  }
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1
}
