// The door of apps/cli/city: public files into the practice city.
export { needCity, needDirectory, openHere, openUnlessRunning } from './city-directory.ts'
export { loadCity } from './load.ts'
export { formWords, makingWords, normalWords } from './report-words.ts'
export { meaningOf as loadMeaningOf } from './report-words.ts'
export { packLoadFiles } from '#apps/cli/steward'
