// The codes of match tickets: why a row is no answer yet, and why a steward's word is not taken.
// None carries a value of a row.
import type { CodeLine } from '#ledger/command'

/** Every code of this room with its meaning; docs/protocol/codes.md is checked against it. */
export const matchCodes: readonly CodeLine[] = Object.freeze([
  ['node/match-withheld', 'a steward has said that the source is wrong: it waits to be mended'],
  ['node/match-other-name', 'the register has this code under another name, a steward has looked'],
  ['node/match-unknown-ticket', 'the department has no match ticket of this id'],
  ['node/match-mended', 'the source says something else by now: nothing is to be decided'],
  ['node/match-decided', 'a steward has decided this already'],
  ['node/match-no-row', 'the decision needs one of the ticket’s rows'],
  ['node/match-row-not-asked', 'a decision of this kind names no row'],
  ['node/match-no-reason', 'a decision has a reason, of at most 400 characters'],
  ['node/match-unsigned', 'a decision is signed by an officer of the department'],
  ['node/match-rows-changed', 'the rows of the ticket became others while it was signed'],
  ['node/match-too-many', 'more than a million pairs of rows have one code or one name'],
] as const)

/** Why a steward's word is not taken. */
export type MatchCode =
  | 'node/match-unknown-ticket'
  | 'node/match-mended'
  | 'node/match-decided'
  | 'node/match-no-row'
  | 'node/match-row-not-asked'
  | 'node/match-no-reason'
  | 'node/match-rows-changed'
  | 'node/match-unsigned'
  | 'node/match-too-many'

/** A sentence in both languages: what it is, and what to do. */
export type MatchText = { readonly zh: string; readonly en: string }

/** The codes as stewards, counters and applicants are told of them. */
export const matchTexts: { readonly [code: string]: MatchText } = Object.freeze({
  'node/match-withheld': {
    zh: '数据管理员认定来源有误：来源更正后自动继续',
    en: 'the steward found the source wrong: it goes on by itself once the source is mended',
  },
  'node/match-other-name': {
    zh: '登记机关核对后答复：此代码登记的不是这个名称。请核对名称后撤回重办，或持证照到登记机关更正',
    en: 'the register has this code under another name: apply again under that name, or have it mended',
  },
  'node/match-unknown-ticket': {
    zh: '没有这个编号的待核对单：用 lianban city tickets 查看',
    en: 'no match ticket has this id: list them with lianban city tickets',
  },
  'node/match-mended': {
    zh: '来源已经更正，无须再定',
    en: 'the source has been mended: nothing is left to decide',
  },
  'node/match-decided': {
    zh: '已有决定：确需改定请加 --again',
    en: 'it has been decided: to decide anew add --again',
  },
  'node/match-no-row': {
    zh: '须以 --current 写明以单上哪一行为准',
    en: 'say with --current which row of the ticket counts',
  },
  'node/match-row-not-asked': {
    zh: '这样的决定不选行：去掉 --current',
    en: 'a decision of this kind chooses no row: leave --current out',
  },
  'node/match-no-reason': {
    zh: '须写明理由（--reason），至多 400 字',
    en: 'say why (--reason), in at most 400 characters',
  },
  'node/match-unsigned': {
    zh: '决定须由本部门工作人员签字：以 --by 写明由谁',
    en: 'an officer of the department signs a decision: say with --by who',
  },
  'node/match-rows-changed': {
    zh: '签字期间单上的行变了：重新查看后再定',
    en: 'the rows became others while it was signed: look at the ticket again',
  },
  'node/match-too-many': {
    zh: '代码或名称相同的超过一百万对：请核对 --code 与 --name 所指的列，并去掉占位的名称',
    en: 'more than a million pairs have one code or one name: check the columns of --code and --name, and take out names that stand for none',
  },
})
