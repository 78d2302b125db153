// Supplies in an epidemic: a firm gives masks and gowns, and lot by lot no more is allocated than
// was given, no more is moved than was allocated, no more is received than was moved. The ledger
// itself refuses what breaks that, and what everybody may see has no person in it.
import type { Json } from '#base/canonical'
import { caseOf, itemOf } from '#domains/processes'
import { tableLines } from '#apps/cli/output'
import type { Answer, Language } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { namesOf } from './names.ts'
import { defect, openStage } from './stage.ts'
import type { Stage } from './stage.ts'
import { Teller } from './teller.ts'

const application = 'bj.health.supplies'

/** Runs `demo supplies`. */
export async function tellSupplies(ask: Ask): Promise<Answer> {
  const began = performance.now()
  const teller = new Teller(ask.terminal)
  const stage = await openStage()
  teller.by(() => stage.clock.wallMs())
  try {
    const id = await give(stage, teller)
    const refused = await allocate(stage, teller, id)
    const state = await deliver(stage, teller, id)
    const page = publicPage(stage, id)
    teller.scene('公开页面：数量与批次，没有人。', 'The public page: quantities and lots, nobody.')
    teller.quote(pageLines(stage, id, teller.language).join('\n'))
    const seconds = Math.round((performance.now() - began) / 100) / 10
    const data = { ok: true, practice: true, seconds, state, refused, page }
    return { data, lines: teller.took(seconds) }
  } finally {
    await stage.close(ask.flags.has('keep'))
  }
}

async function give(stage: Stage, teller: Teller): Promise<string> {
  const { donor, lots } = stage.city.population
  teller.scene(
    '企业捐赠两批物资，红十字会入库，市场监管逐批检验。第二批不合格。',
    'A firm gives two lots. The Red Cross depot takes them in; market supervision inspects lot by ' +
      'lot, and the second does not pass.',
  )
  const id = await stage.file('redcross', application, {
    party: 'donor',
    person: donor,
    objects: { goods: { waybill: 'practice-waybill-1' } },
    online: true,
  })
  await stage.say('redcross', id, 'lots', lots as unknown as Json)
  await stage.settle()
  for (const [element, { id: lot, qty }] of lots.entries()) {
    await decide(stage, 'redcross', id, { act: 'store', element, value: { lot, qty } })
  }
  await decide(stage, 'market', id, {
    act: 'inspect',
    element: 0,
    value: { lot: lots[0]?.id ?? '', ok: true },
  })
  await decide(stage, 'market', id, { act: 'inspect', element: 1, no: 'below-standard' })
  teller.line('第一批合格，第二批不合格', 'the first lot passes, the second does not')
  return id
}

type Deciding = {
  readonly act: string
  readonly element?: number
  readonly value?: Json
  readonly no?: string
}

async function tried(
  stage: Stage,
  member: string,
  id: string,
  deciding: Deciding,
): Promise<string | null> {
  const said = await stage.member(member).desk.decide({ case: id, ...deciding })
  await stage.settle()
  return 'refused' in said ? (said.refused[0]?.code ?? '') : null
}

async function decide(stage: Stage, member: string, id: string, deciding: Deciding): Promise<void> {
  const code = await tried(stage, member, id, deciding)
  if (code !== null) throw defect(`${deciding.act}: ${code}`)
}

async function allocate(stage: Stage, teller: Teller, id: string): Promise<readonly string[]> {
  const [first, second] = stage.city.population.lots
  const order = (lot: string, qty: number): Json => {
    return { lot, qty, to: 'hospital', carrier: 'carrier' }
  }
  const [one, other] = [first?.id ?? '', second?.id ?? '']
  const most = first?.qty ?? 0
  teller.scene(
    '调拨：超过捐赠数量、或调拨不合格批次，账本直接拒绝。',
    'Allocation: more than was given, or a lot that did not pass, is refused by the ledger itself.',
  )
  const refused: string[] = []
  for (const value of [[order(one, most), order(one, 1)], [order(other, 1)]]) {
    const code = await tried(stage, 'health', id, { act: 'allocate', value })
    if (code === null) throw defect('too much was allocated')
    refused.push(code)
  }
  const { refusal } = namesOf(stage, application, teller.language)
  const why = [...new Set(refused)].map(refusal)
  teller.line(`两次都被拒：${why.join('；')}`, `both refused: ${why.join('; ')}`)
  const value = [order(one, most - 4_000), order(one, 4_000)]
  await decide(stage, 'health', id, { act: 'allocate', value })
  return refused
}

async function deliver(stage: Stage, teller: Teller, id: string): Promise<string> {
  const [first] = stage.city.population.lots
  const lot = first?.id ?? ''
  const parts = [(first?.qty ?? 0) - 4_000, 4_000]
  teller.scene('运输，医院签收。', 'It is carried, and the hospital receives it.')
  for (const [element, qty] of parts.entries()) {
    await decide(stage, 'carrier', id, { act: 'carry', element, value: { lot, qty } })
  }
  const more = { lot, qty: (first?.qty ?? 0) + 1, damaged: 0 }
  const code = await tried(stage, 'hospital', id, { act: 'receive', element: 0, value: more })
  if (code === null) throw defect('more was received than came')
  const no = namesOf(stage, application, teller.language).refusal(code)
  teller.line(`签收多于运到，被拒：${no}`, `receiving more than came is refused: ${no}`)
  for (const [element, qty] of parts.entries()) {
    const damaged = element === 0 ? 10 : 0
    const value = { lot, qty: qty - damaged, damaged }
    await decide(stage, 'hospital', id, { act: 'receive', element, value })
  }
  const view = stage.member('health').port.view()
  if (itemOf(view, id, 'receipts')?.available !== true) throw defect('it was not received')
  if (caseOf(view, id)?.concluded !== true) throw defect('the case is not concluded')
  return 'delivered'
}

const publicItems = ['lots', 'stored', 'passes', 'orders', 'moves', 'receipts'] as const

/** What anybody may see of the case, from the ledger's state alone. */
function publicPage(stage: Stage, id: string): readonly string[] {
  return publicItems.flatMap((item) => {
    return publicOf(stage, id, item).map((value) => `${item}  ${JSON.stringify(value)}`)
  })
}

/** The same for people, as a table of things and their fields. */
function pageLines(stage: Stage, id: string, language: Language): readonly string[] {
  const { field, member, thing } = namesOf(stage, application, language)
  const [comma, words] = language === 'zh' ? ['，', zhOf] : [', ', enOf]
  const rows = publicItems.flatMap((item) => {
    return publicOf(stage, id, item).map((value) => {
      const fields = Object.entries(value as { readonly [field: string]: Json })
      const said = fields.map(([name, one]) => {
        const text = typeof one === 'string' ? one : JSON.stringify(one)
        return `${field(item, name)} ${words[text] ?? member(text)}`
      })
      return [thing(item), said.join(comma)]
    })
  })
  return tableLines(rows)
}

function publicOf(stage: Stage, id: string, item: string): readonly Json[] {
  return itemOf(stage.member('health').port.view(), id, item)?.public ?? []
}

type Words = { readonly [value: string]: string }
const zhOf: Words = { mask: '口罩', gown: '隔离衣', true: '是', false: '否' }
const enOf: Words = { mask: 'masks', gown: 'gowns', true: 'yes', false: 'no' }
