// The door of apps/cli/confirm: a load file, confirmed by a steward of its department.
export { confirmLoadFile } from './confirm.ts'
