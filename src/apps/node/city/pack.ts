// Who a member of the city is, as the pack has it.
export type { PackMember } from '#apps/node/pack'
