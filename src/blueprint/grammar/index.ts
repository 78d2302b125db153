// The door of blueprint/grammar: the language of blueprints, its strict readers, and identity.
export type { About, EvidenceType, Field, FieldClass, FieldKind, Guard } from './type.ts'
export {
  classOf,
  decodeType,
  fieldOf,
  intMax,
  isPersonal,
  subjectFields,
  typeShape,
  valueFaults,
} from './type.ts'
export type { Act, Baseline, Blueprint, Claim, ClockRule, Else, Evidence } from './blueprint.ts'
export type { Identified, Kind, Late, Law, Mandate, Next, No, ObjectSlot } from './blueprint.ts'
export type { Party, PartyKind, Rule, Settles, Verb, Watch } from './blueprint.ts'
export { actsMax, isKind, isSubject, itemsMax, listOf, verbs } from './blueprint.ts'
export { blueprintShape, decodeBlueprint, isDecoded } from './decode.ts'
export type { Fresh, Read, Sureness } from './read.ts'
export { isRead, parseRead, surenesses } from './read.ts'
export type { Deed, Outcome, Player, Scenario, Step } from './scenario.ts'
export { decodeScenario, scenarioShape, scenariosMax, stepsMax } from './scenario.ts'
export type { TextPack, TypeTexts } from './text-pack.ts'
export { decodeTextPack, decodeTypeTexts, textPackShape, typeTextsShape } from './text-pack.ts'
export type { Publication, TypeBook } from './identity.ts'
export { blueprintBytesMax, decodePublication, hashOf, identityOf } from './identity.ts'
export { publicationText, publish, textOf, typesNamed } from './identity.ts'
export type { Explained, Fault, GrammarCode, Language, TextRow } from './faults.ts'
export { explainBy, grammarTexts } from './faults.ts'
export { join, readJsonText } from './json-text.ts'
export { jsonSchemaOf } from './shape.ts'
