// What stands on a list of match tickets, in both languages.
import type { MatchTicket, Outcome, TicketReason } from '#apps/node/matching'

type Words = readonly [zh: string, en: string]

/** What a steward may say. */
export const outcomes: readonly string[] = ['same', 'different', 'wrong']

export const outcomeWords: { readonly [outcome in Outcome]: Words } = {
  same: ['同一主体', 'same'],
  different: ['不是同一主体', 'different'],
  wrong: ['来源有误', 'source wrong'],
}

export const whyWords: { readonly [why in TicketReason]: Words } = {
  'names-differ': ['代码相同，名称不同', 'one code, two names'],
  'codes-differ': ['名称相同，代码不同', 'one name, two codes'],
  'name-unlike': ['申请名称与登记不符', 'applied under another name'],
}

export const stateWords: { readonly [state in MatchTicket['state']]: Words } = {
  open: ['待定', 'open'],
  decided: ['已定', 'decided'],
  mended: ['已更正', 'mended'],
}
