// The door of apps/cli/city: commands about the practice city.
export { loadCity } from './load.ts'
export { runCity } from './run.ts'
export { needDirectory, openHere } from './city-directory.ts'
