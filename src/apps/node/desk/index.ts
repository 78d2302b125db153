// The door of apps/node/desk: what counters, clerks and the portal ask of a department.
export { Desk, openDesk } from './desk.ts'
export type { Decided, Deciding, OpenLine, Refusing } from './deciding.ts'
export type { DeskDecision, DeskTicket, SeenTicket, ShownRow, TicketDone } from './tickets.ts'
export { ticketsIn } from './tickets.ts'
export type { Done, Filing, Identification, No, Person, Said } from './filing.ts'
