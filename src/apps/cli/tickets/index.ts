// The door of apps/cli/tickets: match tickets of a city's departments, seen and decided.
export { decideTicket, listTickets } from './tickets.ts'
