// The door of apps/node/gateway: what leaves a department for another one, and what comes from
// there.
export type { Desk, GatewayOptions, Told } from './gateway.ts'
export { Gateway, openGateway } from './gateway.ts'
export type { Question, Shown } from './reader.ts'
export type { GatewayVault, VaultLeaf, VaultRecord } from './records.ts'
export { idFrom, monthKey, receiptRoot } from './records.ts'
export { gatewayCodes } from './codes.ts'
