// The door of apps/cli/refresh: departments' sources, looked at and answered for by hand.
export { acceptSource, announceChange, scanSources } from './refresh.ts'
