// The door of apps/node/matching: one person or firm in several sources, and what is in doubt.
export type { MatchingRules, NameRule, RulesFault, Subject } from './rules.ts'
export { decodeRules, isRules } from './rules.ts'
export type { Doubt, Entry, Matched, Ticket, Verdict } from './match.ts'
export { codeOf, match, matchAll, nameOf } from './match.ts'
