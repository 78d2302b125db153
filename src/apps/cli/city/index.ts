// The door of apps/cli/city: public files into the practice city.
export { needDirectory, openHere, openUnlessRunning } from './city-directory.ts'
export { loadCity } from './load.ts'
export { packLoadFiles } from '#apps/cli/steward'
