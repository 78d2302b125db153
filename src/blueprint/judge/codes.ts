// What content forbids, as refusals. They are said between the parties and never stand on the
// ledger, because each says something about somebody.
import type { Explained, Language, TextRow } from '#blueprint/grammar'
import { explainBy } from '#blueprint/grammar'

const rows = [
  [
    'judge/unknown-name',
    'the application has no act, item, party or code of this name',
    'correct the name',
    '应用中没有此名称的事项、材料、参与方或代码',
    '改正名称',
  ],
  [
    'judge/not-applicable',
    'the act does not apply to this case',
    'complete it as not applicable',
    '此事项在本案中不适用',
    '按不适用办结',
  ],
  [
    'judge/applies',
    'the act applies, so it is done or says no',
    'do it, or say no with a code',
    '此事项适用，应办理或说明不予办理',
    '办理，或以代码说明不予办理',
  ],
  [
    'judge/value-misfit',
    'the value does not fit its type',
    'correct the value at its place',
    '内容不符合其类型',
    '改正所指处的内容',
  ],
  [
    'judge/not-the-rule',
    'the value is not the one that the rule gives',
    'give the result of the rule, or say no; dispute the field if its value is wrong',
    '内容与规则结果不一致',
    '采用规则结果，或说明不予办理；如数据有误，请提出异议',
  ],
  [
    'judge/must-refuse',
    'the result does not allow the decision, so it is a no',
    'say no with a code; dispute the field if its value is wrong',
    '结果不满足作出决定的条件，只能不予办理',
    '以代码说明不予办理；如数据有误，请提出异议',
  ],
  [
    'judge/other-object',
    'the value is about another object than the case',
    'give the record of the object that was filed',
    '内容所指并非本案标的',
    '提供本案标的的记录',
  ],
  [
    'judge/not-bound',
    'whoever signs or files is not whom the evidence names',
    'let those act whom the evidence names, or dispute it',
    '签署人或申请人并非证据所载之人',
    '由证据所载之人办理，或对证据提出异议',
  ],
  [
    'judge/binding-unknown',
    'the evidence that names who must sign was not shown',
    'read the evidence that binds the party before the act',
    '未取得载明应由谁签署的证据',
    '办理前先读取确定该参与方的证据',
  ],
  [
    'judge/missing-signer',
    'somebody whose signature is needed has not signed',
    'let everybody sign whom the evidence names',
    '缺少应当签署者的签名',
    '请证据所载的每一位签署',
  ],
  [
    'judge/values-differ',
    'those who sign have not signed the same value',
    'let all sign one value',
    '各方签署的内容不一致',
    '各方应签署同一内容',
  ],
  [
    'judge/same-person',
    'one person stands on two sides of the case',
    'let different persons act, or declare the pair under alike',
    '同一人处于两方',
    '由不同的人办理，或在 alike 中声明',
  ],
  [
    'judge/outside-mandate',
    'the agent has no mandate for this act and object on this day',
    'let the principal act, or bring a mandate that names the act and the object',
    '代理人对此事项、标的或日期没有授权',
    '由本人办理，或提供载明该事项和标的的委托',
  ],
  [
    'judge/below-floor',
    'the price is below the floor of the mandate',
    'agree to a price that is not below it, or let the principal act',
    '价格低于委托的最低价',
    '不低于最低价成交，或由本人办理',
  ],
  [
    'judge/counterparty',
    'the agent is another party of the case, or acts for one',
    'name an agent who stands on one side only',
    '代理人是本案另一方，或代理另一方',
    '更换只代表一方的代理人',
  ],
  [
    'judge/not-the-payee',
    "the account is not the principal's own that the mandate names",
    'pay to the account of the principal',
    '收款账户不是委托书所载的委托人本人账户',
    '付至委托人本人账户',
  ],
  [
    'judge/guarded',
    'a guard of the type forbids to supersede the item now',
    'wait until what forbids it is lifted, or go to whoever ordered it',
    '类型中的限制禁止此时变更',
    '待限制解除，或向作出限制的机关提出',
  ],
  [
    'judge/guard-unknown',
    'what the guard of the type asks was not shown',
    'read the item again before the act',
    '未取得限制所需的字段',
    '办理前重新读取该材料',
  ],
  [
    'judge/wrong-amount',
    'the amount is not what is due or to be paid back',
    'settle exactly the difference',
    '金额不是应付或应退之数',
    '按差额结算',
  ],
] as const

/** Codes with which content is refused. */
export type JudgeCode = (typeof rows)[number][0]

/** A no to content: its code, and the place in the value or the application. */
export type Refusal = { readonly code: JudgeCode; readonly at?: string }

/** Every code with reason and remedy in English and Chinese. */
export const judgeTexts: readonly TextRow[] = rows

/** The refusal with reason and remedy in a language. */
export function explainJudged({ code, at = '' }: Refusal, language: Language): Explained | null {
  return explainBy(rows, { code, path: at }, language)
}

/** A refusal, with its place if there is one. */
export function refusal(code: JudgeCode, at?: string): Refusal {
  return at === undefined || at === '' ? { code } : { code, at }
}
