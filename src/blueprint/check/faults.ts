// What the publication check says no to. Every rule has its own code, so that a fault names the
// rule that it breaks; a warning is told and stops nothing.
import type { Explained, Fault, Language, TextRow } from '#blueprint/grammar'
import { explainBy, grammarTexts } from '#blueprint/grammar'
import type { Fault as RuleFault } from '#blueprint/rules'
import { explainRule, ruleTexts } from '#blueprint/rules'
import { dataRows } from './data-texts.ts'

// Names, law, order, silence and time; the rows about data stand in data-texts.ts.
const orderRows = [
  [
    'check/no-such-party',
    'no party of this name is declared',
    'declare the party, or correct the name',
    '没有声明此参与方',
    '声明该参与方，或改正名称',
  ],
  [
    'check/no-such-item',
    'no item of this name is declared',
    'declare the item under evidence, or correct the name',
    '没有声明此材料',
    '在 evidence 中声明，或改正名称',
  ],
  [
    'check/no-such-act',
    'no act of this name is declared',
    'declare the act, or correct the name',
    '没有声明此事项',
    '声明该事项，或改正名称',
  ],
  [
    'check/no-such-type',
    'the vocabulary has no type of this name and version',
    'add the type, or name one that exists',
    '词汇中没有此名称和版本的类型',
    '加入该类型，或改用已有类型',
  ],
  [
    'check/no-such-slot',
    'no slot of this name: a person, firm, bound member or object',
    'name a party that is one, or an object',
    '没有此对象：应为个人、企业、由材料确定的单位或标的物',
    '改为这样的参与方或标的物',
  ],
  [
    'check/no-such-law',
    'no article of this name is declared',
    'declare it under law, or correct the name',
    '没有声明此法条',
    '在 law 中声明，或改正名称',
  ],
  [
    'check/no-such-rule',
    'no rule of this name is declared',
    'declare it under rules, or correct the name',
    '没有声明此规则',
    '在 rules 中声明，或改正名称',
  ],
  [
    'check/no-such-field',
    'the type has no such field',
    'name a field of the type',
    '类型中没有此字段',
    '改为类型已有的字段',
  ],
  [
    'check/no-such-key',
    'the slot has no such key',
    'a person or firm has code and name, a member code; an object has what it declares',
    '该对象没有此查询码',
    '个人和企业用 code、name，单位用 code，标的物用其声明的码',
  ],
  [
    'check/name-taken',
    'a name stands for two things',
    'give one of the two another name',
    '同一名称指两个事物',
    '其中之一另取名称',
  ],
  [
    'check/idle-party',
    'the party has nothing to do',
    'let it act or supply, or leave it out',
    '该参与方无事可做',
    '让它办理或提供材料，或删去',
  ],
  [
    'check/unused-law',
    'nothing rests on this article',
    'leave it out, or cite it where it is the ground',
    '没有事项以此法条为依据',
    '删去，或在所依据之处引用',
  ],
  [
    'check/unused-rule',
    'no act uses this rule',
    'leave it out, or name it in its act',
    '没有事项使用此规则',
    '删去，或在事项中引用',
  ],
  [
    'check/unused-object',
    'nothing is about this object',
    'leave it out',
    '没有材料涉及此标的物',
    '删去',
  ],
  [
    'check/power-without-law',
    'an act that decides, issues, revokes, inspects or publishes names no law',
    'name the article that gives the power',
    '决定、发证、撤销、检查、公示类事项没有法律依据',
    '写明授权的法条',
  ],
  [
    'check/law-not-in-force',
    'the article is not in force on the day of publication',
    'cite the article that is in force',
    '发布之日该法条不在有效期内',
    '改引现行有效的法条',
  ],
  [
    'check/law-backwards',
    'the article ends before it begins',
    'correct the days',
    '法条的失效日早于生效日',
    '改正日期',
  ],
  [
    'check/no-without-law',
    'a member says no without naming a law',
    'name the article of the refusal, or one of the act',
    '单位作否定答复而无法律依据',
    '写明否定所依据的法条',
  ],
  [
    'check/cannot-say-no',
    'a member acts and cannot say no',
    'add no with its codes, what it ends and the next step',
    '单位办理的事项不能作否定答复',
    '补充 no：理由、终结范围和下一步',
  ],
  [
    'check/no-appeal',
    'a decision can refuse somebody who then has no appeal',
    'add appeal with law, office and span',
    '有权作出不利决定却没有救济途径',
    '补充 appeal：法条、受理机关和期限',
  ],
  [
    'check/cycle',
    'items and acts wait for one another in a circle',
    'take one of the reads out, or make it the result of an earlier act',
    '材料与事项互相等待，形成循环',
    '去掉其中一项读取，或改由更早的事项给出',
  ],
  [
    'check/no-source',
    'nobody supplies the item and no act gives it',
    'name who supplies it, or let an act give it',
    '材料无人提供也无事项给出',
    '写明由谁提供，或由某事项给出',
  ],
  [
    'check/two-sources',
    'the item is supplied and also given by an act',
    'keep one of the two',
    '材料既由参与方提供又由事项给出',
    '只保留其一',
  ],
  [
    'check/givers-overlap',
    'two acts give the item, and nothing shows that only one of them does',
    'give each a when such that never both hold',
    '两个事项给出同一材料，无法证明只有一个会给出',
    '为每个事项加 when，使其不同时成立',
  ],
  [
    'check/result-not-given',
    'the result is supplied from outside, so nothing is decided',
    'name an item that an act gives',
    '结果来自外部提供，没有经过办理',
    '改为由事项给出的材料',
  ],
  [
    'check/dead-end',
    'what the result needs may never come',
    'let the no end the case, cover all conditions, or make the read optional with ?',
    '结果所必需的材料可能永远不来',
    '让否定终结全案、补全条件，或以 ? 改为可选读取',
  ],
  [
    'check/waits-for-nobody',
    'the act that the result needs is by a party that may not exist',
    'bind it from a field that is always there, or make the read optional',
    '结果所需事项的办理方可能不存在',
    '由必有的字段确定，或改为可选读取',
  ],
  [
    'check/not-in-tail',
    'the result does not wait for this act, and it is not in the tail',
    'put it into tail, or let something that the result needs read it',
    '结果不等待此事项，而它不在 tail 之列',
    '列入 tail，或由结果所需的事项读取',
  ],
  [
    'check/needed-in-tail',
    'the result waits for an act of the tail',
    'take it out of tail',
    '结果要等待 tail 中的事项',
    '移出 tail',
  ],
  [
    'check/tail-ends-case',
    'a no of the tail would end a case whose result is delivered',
    'let it end its branch',
    '尾部事项的否定会终结已交付结果的案件',
    '改为只终结分支',
  ],
  [
    'check/person-after-final',
    'the result waits for a person after money or the world has moved',
    'let the person act before the first final act',
    '在资金或实物已变动之后，结果仍要等待个人',
    '把个人办理的事项放到首个终局事项之前',
  ],
  [
    'check/no-lapse',
    'persons may stay silent for ever',
    'add lapse: the span after which a silent case ends',
    '个人可无限期不作为',
    '补充 lapse：沉默多久后案件终结',
  ],
  [
    'check/silence-creates',
    'silence would create a fact, payment, record or title',
    'only opine may end in consent; decide may be granted where a law deems it',
    '沉默将产生事实、付款、记录或权利',
    '只有 opine 可视为同意；decide 须有视为准予的法条',
  ],
  [
    'check/silence-without-law',
    'silence grants a decision and no article of the act deems it',
    'cite the article that deems, marked deems',
    '沉默视为准予，而所引法条并无此规定',
    '引用规定视为准予的法条，并标 deems',
  ],
  [
    'check/silence-title',
    'silence would give a certificate or move a title',
    'let lateness escalate',
    '沉默将产生证照或转移权利',
    '逾期改为升级督办',
  ],
  [
    'check/no-time',
    'a member acts and no time is set',
    'add within',
    '单位办理而没有时限',
    '补充 within',
  ],
  [
    'check/no-answer-time',
    'members supply items and no time for answers is set',
    'add answers',
    '单位提供材料而没有答复时限',
    '补充 answers',
  ],
  [
    'check/over-limit',
    'the acts take longer than the statutory limit or the promise',
    'shorten the acts, or correct the clock',
    '事项所需时间超过法定或承诺时限',
    '缩短事项时限，或改正时钟',
  ],
  [
    'check/promise-over-limit',
    'the promise is longer than the limit of the law',
    'promise at most the limit',
    '承诺时限长于法定时限',
    '承诺不得超过法定时限',
  ],
  [
    'check/units-differ',
    'spans of one clock are counted in different units',
    'use one unit for limit, promise and acts',
    '同一时钟的时限单位不一致',
    '统一用同一单位',
  ],
  [
    'check/many-signatures',
    'more than two posts sign inside one member',
    'ask whether two are enough',
    '单位内部签批超过两次',
    '考虑是否两次即可',
  ],
  [
    'check/law-unread',
    'the article is cited and nobody has read it: it prints [?]',
    'read it and take the mark away',
    '引用的法条未经核对，将印出 [?]',
    '核对后去掉标记',
  ],
] as const

/** Every code of this room. */
export type CheckCode = (typeof orderRows)[number][0] | (typeof dataRows)[number][0]

/** All rows, for the page of codes and for tests. */
export const checkTexts: readonly TextRow[] = [...orderRows, ...dataRows]

/** Codes that only warn. */
export const warnings: ReadonlySet<string> = new Set<CheckCode>([
  'check/law-unread',
  'check/many-signatures',
])

/** Makes a fault. */
export function fault(code: CheckCode, path: string, detail?: string): Fault {
  return detail === undefined ? { path, code } : { path, code, detail }
}

/**
 * A fault of this room, the reader or a rule with reason and remedy, or null for another room's.
 */
export function explain(found: Fault, language: Language): Explained | null {
  if (ruleTexts.some(([code]) => code === found.code)) {
    return explainRule(found as RuleFault, language)
  }
  return explainBy(checkTexts, found, language) ?? explainBy(grammarTexts, found, language)
}
