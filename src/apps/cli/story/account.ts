// An enterprise opens bank accounts, and later has another legal representative: nothing is shown
// before consent, then exactly what the act reads; every bank that reads under a live consent is
// told of the change, and the old representative's signature counts no longer.
import type { Json } from '#base/canonical'
import { caseOf } from '#domains/processes'
import type { Answer } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import type { Firm } from '#apps/node/residents'
import { namesOf } from './names.ts'
import { defect, openStage } from './stage.ts'
import type { Someone, Stage } from './stage.ts'
import { Teller } from './teller.ts'

const application = 'bj.firm.account'
const banks = ['bank-lotus', 'bank-willow'] as const

/** Runs `demo account`. */
export async function tellAccount(ask: Ask): Promise<Answer> {
  const began = performance.now()
  const teller = new Teller(ask.terminal)
  const stage = await openStage()
  teller.by(() => stage.clock.wallMs())
  try {
    const { applicant, successor } = stage.city.population
    const first = await firstAccount(stage, teller, applicant)
    const second = await file(stage, applicant, banks[1])
    await agree(stage, second, applicant)
    await openBy(stage, second, banks[1])
    const changed = await change(stage, teller, {
      applicant,
      successor,
      cases: [first.case, second],
    })
    const seconds = Math.round((performance.now() - began) / 100) / 10
    const { before, shown, kept } = first
    const data = { ok: true, practice: true, seconds, before, shown, kept, ...changed }
    return { data, lines: teller.took(seconds) }
  } finally {
    await stage.close(ask.flags.has('keep'))
  }
}

async function firstAccount(
  stage: Stage,
  teller: Teller,
  firm: Firm,
): Promise<{
  readonly case: string
  readonly before: number
  readonly shown: readonly string[]
  readonly kept: string
}> {
  const [bank] = banks
  teller.scene(
    '企业在线申请开户，选荷花银行。法定代表人由营业执照登记确定；冒名者的签字不算数。',
    'A firm applies for an account at Lotus bank, online. Who represents it is what its licence ' +
      'says: an impostor’s signature counts nothing.',
  )
  const refused = await impostor(stage, firm)
  const { read, refusal } = namesOf(stage, application, teller.language)
  teller.line(
    `冒名者的签字不被接受：${refusal(refused)}`,
    `the impostor’s signature is refused: ${refusal(refused)}`,
  )
  const id = await file(stage, firm, bank)
  const asked = await stage
    .member(bank)
    .port.submit('case.read', { case: id, act: 'grade', tags: {} })
  if (!('refused' in asked)) throw defect('the bank read before consent')
  const before = shownTo(stage, bank, id).length
  teller.line(
    `同意之前，银行要看，被拒：${refusal(asked.refused.code)}，看到 ${before} 个字段`,
    `before consent the bank’s read is refused: ${refusal(asked.refused.code)}, ${before} fields`,
  )
  await agree(stage, id, firm)
  const shown = shownTo(stage, bank, id)
  teller.line(
    `同意之后，恰好是评级和开户两个环节要读的：${shown.map(read).join('、')}`,
    `after consent exactly what grading and opening read: ${shown.map(read).join(', ')}`,
  )
  await openBy(stage, id, bank)
  teller.line(
    '账户已开，中央银行备案。与以前相比：没有可引用的基数',
    'the account is open and filed with the central bank; compared with before: no baseline',
  )
  return { case: id, before, shown, kept: asked.refused.code }
}

/** Somebody else files as the representative, and signs; gives why it does not count. */
async function impostor(stage: Stage, firm: Firm): Promise<string> {
  const id = await start(stage, firm, banks[0])
  const { second: stranger } = stage.city.population
  await joinAs(stage, id, stranger)
  const no = await signed(stage, id, 'legalRep', stranger)
  if (no === null) throw defect('an impostor signed')
  return no
}

/** Files and says at which bank; the licence is supplied. */
async function start(stage: Stage, firm: Firm, bank: string): Promise<string> {
  const who = { party: 'applicant', person: firm, online: true } as const
  const id = await stage.file('market', application, who)
  await stage.say('market', id, 'request', { bank, purpose: 'basic' })
  await stage.settle()
  return id
}

async function joinAs(stage: Stage, id: string, person: Someone): Promise<void> {
  await stage.join('market', id, { party: 'legalRep', person, online: true })
  await stage.settle()
}

async function file(stage: Stage, firm: Firm, bank: string): Promise<string> {
  const id = await start(stage, firm, bank)
  await joinAs(stage, id, firm.representative)
  return id
}

const consent: Json = { until: '2031-03-02', scope: '开立并维护账户' }

/** One person signs the consent online, with a key of his own; gives why not, if so. */
async function signed(
  stage: Stage,
  id: string,
  party: string,
  { code, name }: Someone,
): Promise<string | null> {
  const said = await stage.member('market').desk.sign({
    case: id,
    act: 'agree',
    signer: { party, code, name },
    value: consent,
    means: { class: 'own' },
  })
  return 'refused' in said ? (said.refused[0]?.code ?? '') : null
}

async function agree(stage: Stage, id: string, firm: Firm): Promise<void> {
  const no = [
    await signed(stage, id, 'applicant', firm),
    await signed(stage, id, 'legalRep', firm.representative),
  ].find((code) => code !== null)
  if (no !== undefined) throw defect(`not agreed: ${no}`)
  await stage.settle()
}

async function openBy(stage: Stage, id: string, bank: string): Promise<void> {
  const { applicant } = stage.city.population
  const no = `practice-${bank}-0001`
  await stage.decide(bank, id, 'open', { value: { no, uscc: applicant.code } })
  await stage.decide('pbc', id, 'file', { value: { no: `practice-filing-${bank}` } })
  const facts = caseOf(stage.member('market').port.view(), id)
  if (facts?.concluded !== true) throw defect(`the account is ${facts?.state ?? 'nowhere'}`)
}

/** Fields that others have shown to a member in a case. */
function shownTo(stage: Stage, member: string, id: string): readonly string[] {
  const copies = stage.member(member).vault.find({ case: id, kind: 'copy' })
  const fields = copies.flatMap(({ name, leaves }) => {
    const own = leaves.filter(({ path }) => path !== '$' && path !== 'tag')
    return own.map(({ path }) => `${name}.${path}`)
  })
  return [...new Set(fields)].toSorted((a, b) => (a < b ? -1 : 1))
}

async function change(
  stage: Stage,
  teller: Teller,
  of: { readonly applicant: Firm; readonly successor: Someone; readonly cases: readonly string[] },
): Promise<{ readonly told: readonly string[]; readonly old: string }> {
  const { applicant, successor, cases } = of
  teller.scene(
    '法定代表人变更。同意仍然有效的两家银行都被告知“有变化”，不含内容。',
    'The legal representative changes. Both banks whose consent lives are told that something ' +
      'changed, without the value.',
  )
  const half = await file(stage, applicant, banks[0])
  await signed(stage, half, 'legalRep', applicant.representative)
  await stage.pass(86_400_000)
  const began = stage.member('market').port.head().size
  await stage.correct('market', {
    table: 'gs_representative',
    where: { uscc: applicant.code, current: 1 },
    set: { rep_code: successor.code, rep_name: successor.name },
  })
  const told = toldOf(stage, began, cases)
  if (told.length !== cases.length) throw defect('a bank was not told')
  const { member, refusal } = namesOf(stage, application, teller.language)
  teller.line(`被告知：${told.map(member).join('、')}`, `told: ${told.map(member).join(', ')}`)
  const old = await signed(stage, half, 'legalRep', applicant.representative)
  if (old === null) throw defect('the old representative still signs')
  teller.line(
    `原法定代表人再签，不被接受：${refusal(old)}。签了一半的同意不作数`,
    `the old one’s signature is refused: ${refusal(old)}; what he had half signed counts no longer`,
  )
  return { told, old }
}

/** Banks that the registry's node has told of a change in these cases since an entry. */
function toldOf(stage: Stage, began: number, cases: readonly string[]): readonly string[] {
  const { port } = stage.member('market')
  const told: string[] = []
  for (let entry = began; entry < port.head().size; entry += 1) {
    const { type, code, outcome } = port.entry(entry)
    if (type !== 'watch.changed' || code !== 'ok') continue
    const said = outcome as { readonly case: string; readonly readers: readonly string[] }
    if (cases.includes(said.case)) told.push(...said.readers)
  }
  return told.toSorted((a, b) => (a < b ? -1 : 1))
}
