// A second-hand home changes hands across eleven sectors: an elderly seller at a counter without a
// phone, a mortgage, a wrong register, a typo after the tax, a second buyer, a silent gas company.
// Everything that is said is what the nodes of the practice city answered while it was told.
import type { Json } from '#base/canonical'
import { savingOf, figuresOf, sourceOf } from '#blueprint/derive'
import { caseOf, itemOf, openActs } from '#domains/processes'
import type { CaseFacts } from '#domains/processes'
import type { Person, Sale } from '#apps/node/residents'
import { titleNo } from '#apps/node/residents'
import { defect } from './stage.ts'
import type { Stage } from './stage.ts'
import { namesOf } from './names.ts'
import type { Names } from './names.ts'
import type { Teller } from './teller.ts'
import { traceOf } from './trace.ts'
import type { Trace } from './trace.ts'

export const application = 'bj.home.transfer'

const day = 86_400_000

/** What the story of one sale found out. */
export type Told = {
  readonly case: string
  /** Fen of deed tax: paid first, paid on top, and due in all. */
  readonly paid: readonly number[]
  readonly due: number
}

/** Tells the elderly seller's sale to its new title. */
export async function tellSale(stage: Stage, teller: Teller): Promise<Told> {
  const sale = stage.city.population.roles.elderly
  const id = await fileSale(stage, teller, sale)
  await rightTheRegister(stage, teller, { id, buyer: sale.buyer })
  await secondBuyer(stage, teller, { id, sale })
  const paid = await signAndPay(stage, teller, { id, sale })
  await register(stage, teller, { id, sale, number: 1 })
  return { case: id, ...paid }
}

async function fileSale(stage: Stage, teller: Teller, sale: Sale): Promise<string> {
  teller.scene(
    '登记窗口。卖方七十多岁，没有手机；两名窗口人员核对身份证件，她签字板签字。不交一张纸。',
    'The registry’s counter. The seller is over seventy and has no phone; two officers see her ' +
      'card, and she signs on the pad. No paper is handed in.',
  )
  const { home, buyer, fen, way } = sale
  const seller = sellerOf(sale)
  const id = await stage.file('planning', application, {
    party: 'seller',
    person: seller,
    objects: { home: { unit: home.unit } },
  })
  await stage.say('planning', id, 'offer', { fen, way })
  await stage.join('planning', id, { party: 'buyer', person: buyer })
  await stage.say('planning', id, 'plan', { fundLoan: false })
  await stage.settle()
  const view = stage.member('planning').port.view()
  const supplied = ['title', 'liens', 'holdings', 'hukou', 'marriage', 'taxYears'].filter(
    (item) => {
      return itemOf(view, id, item)?.available === true
    },
  )
  teller.line(
    `窗口录入：价格、抵押处理方式、买方是否用公积金。其余 ${supplied.length} 项由各部门自己的系统答复`,
    `typed: the price, how the mortgage ends, whether the fund lends; ${supplied.length} answers ` +
      'came from the departments’ own systems',
  )
  const letters = stage.member('police').post.sent()
  const [letter] = letters.filter(({ channel }) => channel === 'post')
  if (letter === undefined) throw defect('the seller got no letter')
  teller.line(
    '公安部门（不是窗口）告知当事人：以您的名义有一件申请。卖方没有手机，寄信',
    'the identity department, not the counter, tells both that a case names them; the seller, ' +
      'who has no phone, gets a letter',
  )
  teller.quote(letter.text)
  return id
}

async function rightTheRegister(
  stage: Stage,
  teller: Teller,
  { id, buyer }: { readonly id: string; readonly buyer: Person },
): Promise<void> {
  const opened = await stage.line('housing', id)
  if (opened.reason !== 'not-automatic') throw defect('the robot decided against a person')
  teller.scene(
    '户籍登记写着“非本市”，规则给出“不具备资格”。机器人不得作出拒绝：转给资格审核岗。买方当场提出异议。',
    'The household register says “not of this city”, so the rule says no. A robot may not refuse ' +
      'anybody: it lies before the post. The buyer says at the counter that the register is wrong.',
  )
  const suggested = opened.suggestion as { readonly ok?: Json } | undefined
  if (suggested?.ok !== false) throw defect('the rule gives something else')
  const names = namesIn(stage, teller)
  const [noes, reasons] = ['、', ', '].map((comma) => reasonsOf(names, opened.noes ?? [], comma))
  teller.line(
    `可以说的“不”只有：${noes}。每个“不”都附法律依据和下一步`,
    `the only no that may be said: ${reasons}; a no has a law and a next step`,
  )
  const disputed = await stage.member('planning').desk.dispute({
    case: id,
    item: 'hukou',
    field: 'beijing',
    words: '本人户籍在本市',
  })
  if ('refused' in disputed) throw defect('the field cannot be disputed')
  await stage.settle()
  await stage.pass(20 * 60_000)
  await stage.correct('police', {
    table: 'czrk_person',
    where: { id_no: buyer.code },
    set: { local_hukou: '1' },
  })
  await stage.member('police').department.settle(id)
  await stage.settle()
  const view = stage.member('planning').port.view()
  await stage.until(() => itemOf(view, id, 'mayBuy')?.available || undefined)
  teller.line(
    '公安管理员在自己的系统里改正；节点重新答复，资格由机器人重新推算。买方没有跑第二个窗口',
    'the steward corrects the register in its own system; the new answer re-derives what rested ' +
      'on the old one, and the buyer visits no second counter',
  )
}

async function secondBuyer(
  stage: Stage,
  teller: Teller,
  { id, sale }: { readonly id: string; readonly sale: Sale },
): Promise<void> {
  teller.scene(
    '同一套房，又来一个买家，另立一件。登记部门只把房屋占用给第一件。',
    'The same home, a second buyer, another case. The registry grants the claim on a home to one.',
  )
  const seller = sellerOf(sale)
  const { second } = stage.city.population
  const other = await stage.file('planning', application, {
    party: 'seller',
    person: seller,
    objects: { home: { unit: sale.home.unit } },
  })
  await stage.say('planning', other, 'offer', { fen: sale.fen + 10_000_000, way: 'none' })
  await stage.join('planning', other, { party: 'buyer', person: second })
  await stage.say('planning', other, 'plan', { fundLoan: false })
  await stage.settle()
  const claimed = await stage.until(() => factsOf(stage, id).claims['home'])
  if (claimed === '') throw defect('the first has no claim')
  const denied = await stage.until(() => factsOf(stage, other).claims['home'])
  if (denied !== '') throw defect('the second has a claim')
  const { code, name } = second
  const signed = await stage.member('planning').desk.sign({
    case: other,
    act: 'sign',
    signer: { party: 'buyer', code, name },
    value: contractOf(stage, sale, sale.fen),
    means: { class: 'own' },
  })
  if (!('refused' in signed)) throw defect('a home was sold twice')
  const no = namesIn(stage, teller).refusal(signed.refused[0]?.code ?? '')
  teller.line(
    `第二件不能签约：${no}。窗口只知道“已被占用”，不知道被谁`,
    `the second cannot be signed: ${no}; it is told that the home is claimed, and not by whom`,
  )
  const withdrawn = await stage.member('planning').desk.withdraw({
    case: other,
    party: 'seller',
    approval: '不卖了',
  })
  if ('refused' in withdrawn) throw defect('the seller cannot withdraw')
}

async function signAndPay(
  stage: Stage,
  teller: Teller,
  { id, sale }: { readonly id: string; readonly sale: Sale },
): Promise<{ readonly paid: readonly number[]; readonly due: number }> {
  teller.scene(
    '银行保险监管部门核实柳树银行有资质；双方签约，录入时价格少打了一位数；银行注销抵押；买方缴契税。',
    'The supervisor confirms that Willow bank is licensed. Both sign, with a typo in the price; ' +
      'the bank releases its mortgage; the buyer pays the deed tax.',
  )
  await stage.decide('banking', id, 'checkBank', { value: { licensed: true } })
  const typo = sale.fen - 20_000_000
  const who = [['seller', sellerOf(sale)] as const, ['buyer', sale.buyer] as const]
  await stage.sign('planning', id, 'sign', { value: contractOf(stage, sale, typo), who })
  await stage.answerTasks('bank-willow', { kind: 'released' })
  const first = await pay(stage, id, { buyer: sale.buyer, no: '练税0001' })
  teller.line(
    `税单由规则算出，缴 ${yuan(first)}。抵押由登记部门代为记录：账本上看不出哪家银行`,
    `the rule makes the bill: ${yuan(first)} paid. The release is recorded by the registry, so ` +
      'the ledger does not show which bank',
  )
  teller.scene(
    '登簿岗发现合同价与出售意向不符，退回合同。税款已缴，不退不重缴，只补差额。',
    'The registrar sees that the price is not the one that was offered and returns the contract. ' +
      'The tax stays paid; only the difference is due.',
  )
  await stage.pass(30 * 60_000)
  const back = await stage.member('planning').desk.giveBack({
    case: id,
    act: 'register',
    items: ['contract'],
    reason: 'wrong',
    words: '合同价款录入有误',
  })
  if ('refused' in back) throw defect(`not returned: ${back.refused[0]?.code ?? ''}`)
  await stage.settle()
  await stage.sign('planning', id, 'sign', { value: contractOf(stage, sale, sale.fen), who })
  await stage.answerTasks('bank-willow', { kind: 'released' })
  const second = await pay(stage, id, { buyer: sale.buyer, no: '练税0002' })
  const rate = first / typo
  const due = Math.round(rate * sale.fen)
  if (Math.abs(first + second - due) > 1) throw defect('somebody paid twice')
  teller.line(
    `补缴 ${yuan(second)}，两次合计 ${yuan(first + second)}，正是应缴之数`,
    `${yuan(second)} on top, ${yuan(first + second)} in all: exactly what is due`,
  )
  return { paid: [first, second], due: first + second }
}

/** Pays what is due now, with the number of the receipt; gives fen. */
export async function pay(
  stage: Stage,
  id: string,
  { buyer, no }: { readonly buyer: Person; readonly no: string },
): Promise<number> {
  const { amount: fen } = await stage.line('tax', id)
  if (fen === undefined) throw defect('nothing is due')
  await stage.sign('planning', id, 'pay', { value: { no, fen }, who: [['buyer', buyer]] })
  return fen
}

async function register(
  stage: Stage,
  teller: Teller,
  of: { readonly id: string; readonly sale: Sale; readonly number: number },
): Promise<void> {
  const { id } = of
  teller.scene(
    '登簿。决定先写进登记部门自己的系统，那边确认了，账本上才算数；临登簿前再查一次查封和抵押。',
    'The register is written. The decision goes into the registry’s own system first and counts ' +
      'when that has confirmed it; seals and mortgages are looked up again just before.',
  )
  await stage.decide('planning', id, 'register', { value: titleOf(stage, of) })
  const facts = factsOf(stage, id)
  if (facts.state !== 'delivered') throw defect(`the case is ${facts.state}`)
  const { officers } = stage.member('planning')
  teller.line(
    `登簿岗用自己的密钥签了字（登记部门登记了 ${officers.length} 名经办人，账本上只有随机编号），新证书已发出`,
    `the registrar signed with a key of her own (${officers.length} officers, known to the ledger ` +
      'by random ids); the new title is delivered',
  )
  for (const [member, act] of [
    ['power', 'movePower'],
    ['cable', 'moveCable'],
  ] as const) {
    await stage.decide(member, id, act, { value: { no: `practice-${member}-000001` } })
  }
  teller.line('电力、有线电视已过户；燃气公司没有动静', 'power and cable have moved; gas is silent')
}

/** Tells what becomes of a silent gas company; gives the acts that are still open and late. */
export async function tellSilence(
  stage: Stage,
  teller: Teller,
  id: string,
): Promise<readonly string[]> {
  await stage.pass(2 * day)
  await stage.pass(day)
  const { port } = stage.member('planning')
  const open = openActs(port.view(), id, port.head().time)
  const late = open.filter((each) => each.late).map(({ act }) => act)
  teller.scene(
    '三天后。燃气公司仍未答复：沉默不会变成事实，证书照发，燃气一项挂着，期限已过，记录在案并督办。',
    'Three days later. The gas company has said nothing. Silence makes no fact: the title is out, ' +
      'the gas line stays open, its day has passed, and that is on the ledger.',
  )
  if (!late.includes('moveGas')) throw defect('nobody noticed the silence')
  const opened = await stage.line('gas', id)
  if (opened.isLate !== true) throw defect('the company does not see that it is late')
  const { thing } = namesIn(stage, teller)
  teller.line(
    `未办：${late.map(thing).join('、')}；燃气公司自己的待办上也标着“已超期”`,
    `open and late: ${late.map(thing).join(', ')}; the company’s own desk says so too`,
  )
  return late
}

/** Tells another sale that a court seals on the way; gives the code that keeps the title. */
export async function tellSeal(stage: Stage, teller: Teller): Promise<string> {
  teller.scene(
    '另一套房：签约、缴税之后，法院查封。查封一进登记系统，在办的案件立刻知道。',
    'Another home: signed, tax paid, and then a court seals it. As soon as the seal stands in the ' +
      'registry’s own system, the running case knows.',
  )
  const [sale] = stage.city.population.plain
  if (sale === undefined) throw defect('there is no plain sale')
  const { home, buyer, fen } = sale
  const seller = sellerOf(sale)
  const person = { party: 'seller', person: seller, objects: { home: { unit: home.unit } } }
  const id = await stage.file('planning', application, person)
  await stage.say('planning', id, 'offer', { fen, way: 'none' })
  await stage.join('planning', id, { party: 'buyer', person: buyer })
  await stage.say('planning', id, 'plan', { fundLoan: false })
  await stage.settle()
  const who = [['seller', seller] as const, ['buyer', buyer] as const]
  const value = contractOf(stage, sale, fen)
  await stage.sign('planning', id, 'sign', { value, who })
  const paid = await pay(stage, id, { buyer, no: '练税0003' })
  await stage.correct('planning', {
    table: 'bdc_title',
    where: { unit_code: home.unit, state: '1' },
    set: { sealed: 'Y' },
  })
  const code = await stage.refused('planning', id, 'register', titleOf(stage, { sale, number: 2 }))
  await stage.decide('planning', id, 'register', { no: 'restricted' })
  const acts = (): readonly Trace[] =>
    traceOf(stage.city, id).filter(({ type }) => type === 'case.act')
  await stage.until(() => (acts().at(-1)?.about === 'pay' ? true : undefined))
  const names = namesIn(stage, teller)
  const [why, no] = [names.refusal(code), names.no('restricted')]
  teller.line(
    `登簿被拦下：${why}。登簿岗书面决定“${no}”，附法律依据和救济途径；已缴 ${yuan(paid)} 随即退还`,
    `the title does not move: ${why}. The registrar says in writing “${no}”, with law and ` +
      `appeal; the ${yuan(paid)} that were paid are paid back at once`,
  )
  return code
}

/** Prints what the application asks of people, and that no source says what it was before. */
export function tellFigures(stage: Stage, teller: Teller): void {
  const { blueprint, types } = stage.application(application)
  const source = sourceOf(blueprint, types)
  const { fields, fetched, automatic, acts } = figuresOf(source)
  const saving = savingOf(source)
  teller.line(
    `人工录入字段 ${fields}，由系统取得 ${fetched} 项，${acts} 个部门环节中 ${automatic} 个可自动`,
    `fields typed ${fields}, items fetched ${fetched}, ${automatic} of ${acts} acts automatic`,
  )
  if (saving.baseline) throw defect('a baseline without a story')
  teller.line('与以前相比：没有可引用的基数', 'compared with before: no baseline')
}

function contractOf(stage: Stage, sale: Sale, fen: number): Json {
  const payee = `practice-${sellerOf(sale).code.slice(-6)}`
  return { fen, payee, signed: dayOf(stage) }
}

function titleOf(
  stage: Stage,
  { sale, number }: { readonly sale: Sale; readonly number: number },
): Json {
  const { home, buyer } = sale
  return {
    certNo: titleNo(2026, 9_000_000 + number),
    unit: home.unit,
    address: home.address,
    area: home.area,
    ownerKind: 'person',
    owners: [{ code: buyer.code, name: buyer.name }],
    issued: dayOf(stage),
    sealed: false,
    disputed: false,
    noticed: false,
  }
}

function factsOf(stage: Stage, id: string): CaseFacts {
  const facts = caseOf(stage.member('planning').port.view(), id)
  if (facts === undefined) throw defect('there is no such case')
  return facts
}

function sellerOf({ sellers }: Sale): Sale['sellers'][number] {
  const [seller] = sellers
  if (seller === undefined) throw defect('nobody sells')
  return seller
}

function namesIn(stage: Stage, teller: Teller): Names {
  return namesOf(stage, application, teller.language)
}

function reasonsOf(
  names: Names,
  noes: readonly { readonly code: string }[],
  comma: string,
): string {
  return noes.map(({ code }) => names.no(code)).join(comma)
}

function dayOf(stage: Stage): string {
  return new Date(stage.clock.wallMs() + 28_800_000).toISOString().slice(0, 10)
}

/** Fen as yuan. */
export function yuan(fen: number): string {
  return `¥${(fen / 100).toFixed(2)}`
}
