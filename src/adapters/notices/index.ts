// The door of adapters/notices: telling people, and what is known of whether they were told.
export type { Carrier, Channel, Notice, Progress, Served } from './notice.ts'
export { channels } from './notice.ts'
export type { NoticeCode } from './failure.ts'
export { Failure, noticesFailures } from './failure.ts'
export { openFolderCarrier } from './folder.ts'
export type { Exchange } from './over-http.ts'
export { openServiceCarrier } from './over-http.ts'
