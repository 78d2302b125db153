// The door of apps/cli/city: public files into the practice city.
export { needDirectory, openHere } from './city-directory.ts'
export { loadCity, packLoadFiles } from './load.ts'
