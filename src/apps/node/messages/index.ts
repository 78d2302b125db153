// The door of apps/node/messages: what members tell each other about cases.
export { hasLetter, letterKey, letterOf, serveLetter, showLetter, tellRefusal } from './letters.ts'
export { patienceMs, patiently } from './patience.ts'
export { noteOtherName, otherNameLines, showOtherName, tellOtherName } from './other-names.ts'
export { shelfOfPerson, takeNotice, toldAbout } from './notices.ts'
export type { Means, Refusals, Signature, Signed } from './signatures.ts'
export { sign, takeSignature } from './signatures.ts'
export type { ToldTask } from './tasks.ts'
export { answerTask, findTasks, sendTask, takeTask, taskIn, taskShelf } from './tasks.ts'
