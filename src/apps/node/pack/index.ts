// The door of apps/node/pack: who and what a city is, as data of the house.
export type { Application, Pack, PackMember } from './pack.ts'
export { loadNames, readApplication, readPack, readTypes, readTypeTexts } from './pack.ts'
