// The door of apps/cli/loaded: the main job on a loaded city.
export { runCity } from './run.ts'
