// The door of apps/cli/query: what a ledger says, and what it can prove.
export { getProof, queryEntry, queryEvents, queryHead, queryReceipt } from './query.ts'
export { queryRecord, queryRegistry, queryText } from './query.ts'
