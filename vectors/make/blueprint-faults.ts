// Planted faults: one change to a shipped application, and the code and place of the fault that it
// makes. A change is a path and what stands there afterwards, or a path alone, which is removed.

import { data } from './blueprint-faults-data.ts'
import { order } from './blueprint-faults-order.ts'

type Change = readonly [at: string] | readonly [at: string, to: unknown]

type Planted = {
  readonly claim: string
  readonly in: 'account' | 'credit' | 'home' | 'supplies'
  readonly plant: readonly Change[]
  readonly code: string
  readonly path: string
}

const folders = {
  account: 'sharing/bj.firm.account',
  credit: 'sharing/bj.firm.credit',
  home: 'processes/bj.home.transfer',
  supplies: 'certificates/bj.health.supplies',
} as const

/** Claim, application, changes, code and place. */
export type Case = readonly [
  claim: string,
  where: keyof typeof folders,
  plant: readonly Change[],
  code: string,
  path: string,
]

const reading: readonly Case[] = [
  ['a member is missing', 'home', [['lead']], 'grammar/missing-member', 'lead'],
  [
    'a member is misspelt',
    'home',
    [['acts.sign.wihtin', '1wd']],
    'grammar/unknown-member',
    'acts.sign.wihtin',
  ],
  ['a version in words', 'home', [['version', 'one']], 'grammar/wrong-kind', 'version'],
  [
    'a verb that is none',
    'home',
    [['acts.sign.does', 'approve']],
    'grammar/not-in-list',
    'acts.sign.does',
  ],
  [
    'a name with a hyphen',
    'home',
    [['law.reg-14', { cite: 'x', from: '2020-01-01' }]],
    'grammar/bad-name',
    'law.reg-14',
  ],
  [
    'an item named like a word of the rules',
    'home',
    [['evidence.count', { type: 'hukou@1', about: 'buyer' }]],
    'grammar/reserved-name',
    'evidence.count',
  ],
  [
    'a span in hours',
    'home',
    [['acts.register.within', '24h']],
    'grammar/bad-span',
    'acts.register.within',
  ],
  [
    'a day that does not exist',
    'home',
    [['law.reg14.from', '2019-02-30']],
    'grammar/bad-day',
    'law.reg14.from',
  ],
  [
    'fields of a read out of order',
    'home',
    [['acts.sign.reads.2', 'title.{certNo,address}']],
    'grammar/unsorted',
    'acts.sign.reads.2',
  ],
  [
    'a read that ends in the wrong word',
    'home',
    [['acts.sign.reads.2', 'title.certNo soon']],
    'grammar/bad-read',
    'acts.sign.reads.2',
  ],
  [
    'an item that is read twice',
    'home',
    [['acts.sign.reads.2', 'offer.fen']],
    'grammar/duplicate',
    'acts.sign.reads.2',
  ],
  [
    'lateness without a time',
    'home',
    [['acts.sign.late', 'escalate']],
    'grammar/incomplete',
    'acts.sign.late',
  ],
  [
    'automatic without a rule',
    'home',
    [['acts.sign.auto', true]],
    'grammar/incomplete',
    'acts.sign.auto',
  ],
  [
    'a rule that is two things',
    'home',
    [['rules.bill.hit', 'U']],
    'grammar/not-together',
    'rules.bill',
  ],
  [
    'a row with a cell too few',
    'home',
    [['rules.mayBuy.rows.0', ['true', '-', '-', 'true']]],
    'grammar/too-few',
    'rules.mayBuy.rows.0',
  ],
  ['a law of more pages than the language', 'home', [['tail', []]], 'grammar/too-few', 'tail'],
]

const names: readonly Case[] = [
  [
    'an act by a party that nobody declared',
    'home',
    [['acts.lend.by', 'trust']],
    'check/no-such-party',
    'acts.lend.by',
  ],
  [
    'a read of an item that does not exist',
    'home',
    [['acts.pay.reads.0', 'invoice.fen']],
    'check/no-such-item',
    'acts.pay.reads.0',
  ],
  [
    'a tail act that does not exist',
    'home',
    [['tail.0', 'moveWater']],
    'check/no-such-act',
    'tail.0',
  ],
  [
    'evidence about nobody',
    'home',
    [['evidence.hukou.about', 'spouse']],
    'check/no-such-slot',
    'evidence.hukou.about',
  ],
  [
    'a law that is not listed',
    'home',
    [['acts.register.no.law', 'reg23']],
    'check/no-such-law',
    'acts.register.no.law',
  ],
  [
    'a rule that is not listed',
    'home',
    [['acts.assess.rule', 'rate']],
    'check/no-such-rule',
    'acts.assess.rule',
  ],
  [
    'a field that the type does not have',
    'home',
    [['acts.checkSeller.reads.1', 'title.owner']],
    'check/no-such-field',
    'acts.checkSeller.reads.1',
  ],
  [
    'a key that the slot does not have',
    'home',
    [['evidence.title.key.0', 'home.plot']],
    'check/no-such-key',
    'evidence.title.key.0',
  ],
  [
    'a type that nobody defines',
    'home',
    [['evidence.hukou.type', 'hukou@9']],
    'check/no-such-type',
    'evidence.hukou.type',
  ],
  [
    'a party and an item of one name',
    'home',
    [['objects.offer', { by: 'seller', key: { unit: 'real-estate-unit' } }]],
    'check/name-taken',
    'objects.offer',
  ],
  [
    'a party that does nothing',
    'home',
    [['parties.water', { is: 'utility', member: 'water' }]],
    'check/idle-party',
    'parties.water',
  ],
  [
    'a law on which nothing rests',
    'home',
    [['law.reg16', { cite: 'x', from: '2019-03-24' }]],
    'check/unused-law',
    'law.reg16',
  ],
  [
    'a rule that no act uses',
    'home',
    [['rules.rate', { law: 'deed4', feel: '{bp: 100}' }]],
    'check/unused-rule',
    'rules.rate',
  ],
  [
    'an object that nothing is about',
    'home',
    [['objects.garage', { by: 'seller', key: { unit: 'real-estate-unit' } }]],
    'check/unused-object',
    'objects.garage',
  ],
]

const judgement: readonly Case[] = [
  [
    'a rule over what the act does not read',
    'home',
    [['acts.assess.reads', ['contract.fen', 'title.area']]],
    'check/operand-unread',
    'rules.bill.feel@39',
  ],
  [
    'a condition over what the act does not read',
    'home',
    [['acts.lend.when', 'mayBuy.ok = true']],
    'check/operand-unread',
    'acts.lend.when@0',
  ],
  [
    'a condition that is a number',
    'home',
    [['acts.lend.when', 'contract.fen']],
    'check/not-yes-or-no',
    'acts.lend.when',
  ],
  [
    'a condition that is no expression',
    'home',
    [['acts.lend.when', 'plan.fundLoan =']],
    'rules/syntax',
    'acts.lend.when@15',
  ],
  [
    'a table that does not know what to do',
    'home',
    [['rules.mayBuy.rows.3']],
    'rules/incomplete',
    'rules.mayBuy.rows',
  ],
  [
    'a row that is never reached',
    'home',
    [['rules.mayBuy.rows.0', ['-', '-', '-', '-', 'true']]],
    'rules/unreachable-row',
    'rules.mayBuy.rows.1',
  ],
  [
    'a rule that gives something else',
    'home',
    [
      ['rules.bill.feel', '{yuan: contract.fen}'],
      ['acts.assess.reads', ['contract.fen']],
    ],
    'check/rule-misfit',
    'rules.bill',
  ],
  [
    'money that is divided without rounding',
    'home',
    [['rules.bill.feel', '{fen: contract.fen / 100}']],
    'rules/division',
    'rules.bill.feel@19',
  ],
  [
    'an invariant over what nobody sees',
    'supplies',
    [['types.supply-lot@1.fields.4.class'], ['types.supply-lot@1.fields.4.why']],
    'check/hold-not-public',
    'holds.0@59',
  ],
  [
    'a hospital of each order that acts once for all',
    'supplies',
    [['acts.receive.for']],
    'check/bad-for',
    'acts.receive.by',
  ],
  [
    'a guard over what the type does not have',
    'home',
    [['types.real-estate-title@2.guards.seal.holds', 'not(frozen)']],
    'rules/unknown-name',
    'types.real-estate-title@2.guards.seal.holds@4',
  ],
  [
    'a watch without a ground',
    'account',
    [['watches.licence.ground', 'risk']],
    'check/watch-without-ground',
    'watches.licence.ground',
  ],
  [
    'a watch on what the bank never reads',
    'account',
    [['watches.licence.reads', 'taxFile']],
    'check/watch-unread',
    'watches.licence.reads',
  ],
  [
    'an impact sheet that keeps something quiet',
    'home',
    [['impact', ['acting-members', 'application']]],
    'check/impact-differs',
    'impact',
  ],
  [
    'a certificate application without a certificate',
    'home',
    [['kind', 'certificates'], ['types.real-estate-title@2.certificate']],
    'check/kind-mismatch',
    'kind',
  ],
  [
    'a register that need not answer a dispute',
    'home',
    [['types.hukou@1.dispute']],
    'check/no-dispute-time',
    'evidence.hukou.type',
  ],
  [
    'no story in which anybody is refused',
    'home',
    'not-eligible court-seal bank-not-licensed false-pledge sealed-before-contract'
      .split(' ')
      .map((id) => [`scenarios.${id}`]),
    'check/no-scenario',
    'scenarios',
  ],
  [
    'a story about an act that does not exist',
    'home',
    [['scenarios.plain.steps.12.act', 'pays']],
    'check/scenario-unknown',
    'scenarios.plain.steps.12.act',
  ],
  [
    'a story with a value that does not fit',
    'home',
    [['scenarios.plain.steps.7.value.beijing', 'yes']],
    'grammar/bad-value',
    'scenarios.plain.steps.7.value.beijing',
  ],
  [
    'a story in which time runs backwards',
    'home',
    [['scenarios.silent-gas.steps.16.day', '2026-03-01']],
    'check/scenario-backwards',
    'scenarios.silent-gas.steps.16.day',
  ],
  [
    'two stories of one name',
    'home',
    [['scenarios.plain.id', 'pledge']],
    'check/scenario-duplicate',
    'scenarios.pledge',
  ],
]

/** The file of planted faults. */
export function faultsFile(): object {
  const planted = [...reading, ...names, ...order, ...data, ...judgement].map(
    ([claim, where, plant, code, path]): Planted => ({ claim, in: where, plant, code, path }),
  )
  return { day: '2026-11-20', folders, planted }
}
