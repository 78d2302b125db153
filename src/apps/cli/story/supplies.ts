// Supplies in an epidemic: a firm gives masks and gowns, and lot by lot no more is allocated than
// was given, no more is moved than was allocated, no more is received than was moved. The ledger
// itself refuses what breaks that, and what everybody may see has no person in it.
import type { Json } from '#base/canonical'
import { caseOf, itemOf } from '#domains/processes'
import type { Answer } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
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
    teller.quote(page.join('\n'))
    const seconds = Math.round((performance.now() - began) / 100) / 10
    const data = { ok: true, practice: true, seconds, state, refused, page }
    return { data, lines: ['', `${seconds} s`] }
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
  teller.line(`两次都被拒：${refused.join('、')}`, `both refused: ${refused.join(', ')}`)
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
  teller.line(`签收多于运到：${code}`, `receiving more than came is refused: ${code}`)
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

/** What anybody may see of the case, from the ledger's state alone. */
function publicPage(stage: Stage, id: string): readonly string[] {
  const view = stage.member('health').port.view()
  return ['lots', 'stored', 'passes', 'orders', 'moves', 'receipts'].flatMap((item) => {
    const values = itemOf(view, id, item)?.public ?? []
    return values.map((value) => `${item}  ${JSON.stringify(value)}`)
  })
}
