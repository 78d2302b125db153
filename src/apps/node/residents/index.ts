// The door of apps/node/residents: the made-up people of the practice city, and what the systems of
// its sectors say of them.
export type { Firm, Holder, Home, Lot, Mandate, Person, Population } from './population.ts'
export type { PopulationOptions, Roles, Sale } from './population.ts'
export { drawPopulation } from './population.ts'
export { practiceCounty, practiceUscc, titleNo } from './codes.ts'
export type { MadeFirm, MadeHome, MadePerson } from './made.ts'
export { madeFirm, madeHome, madePerson } from './made.ts'
export type { Cell, Table } from './tables.ts'
export { tablesOf } from './tables.ts'
export type { Change } from './source.ts'
export { changeSource, writeSource } from './source.ts'
