// What members, acts, evidence, fields and reasons are called in the language of a story: as the
// texts of the application, of the vocabulary and of the pack say it, never by their codes.
import { readTypeTexts } from '#apps/node/city'
import type { Language } from '#apps/cli/output'
import type { Stage } from './stage.ts'

type Lines = { readonly [name: string]: string }
type Texts = { readonly [part: string]: Lines | undefined; readonly no: Lines }

/** Names of one application's things; what has no name stands as it is. */
export type Names = {
  readonly language: Language
  readonly member: (code: string) => string
  /** An act, an item or an object. */
  readonly thing: (id: string) => string
  /** The reason of a no. */
  readonly no: (code: string) => string
  /** A field of an item. */
  readonly field: (item: string, id: string) => string
  /** What an act reads, as it stands in the blueprint: `title.{address,area} fresh 0d`. */
  readonly read: (path: string) => string
  /** A refusal that a story comes upon: what it means, and its code. */
  readonly refusal: (code: string) => string
}

/** The names of an application on a stage. */
export function namesOf(stage: Stage, application: string, language: Language): Names {
  const { blueprint, texts } = stage.application(application)
  const { acts, evidence, objects, parties, no } = texts[language] as unknown as Texts
  const things = { ...parties, ...objects, ...evidence, ...acts }
  const vocabulary = readTypeTexts(language)
  const member = (code: string): string => {
    const found = stage.city.pack.members.find((each) => each.code === code)
    // The scene says already that all of this is practice.
    return (found?.[language] ?? code).replace(/（练习）$| \(practice\)$/, '')
  }
  const thing = (id: string): string => things[id] ?? id
  const field = (item: string, id: string): string => {
    const type = blueprint.evidence[item]?.type ?? ''
    const said = vocabulary[type]?.fields[id] ?? keys[language][id] ?? id
    // Where a field is only named, its unit says nothing.
    return said.replace(/（[^（）]*）$| \([^()]*\)$/, '')
  }
  const read = (path: string): string => {
    const [, item = path, some, one = ''] = /^(\w+)\??(?:\.(?:\{(.*)\}|(\w+)))?/.exec(path) ?? []
    const fields = (some ?? one).split(',').filter((id) => id !== '')
    const [from, to, comma] = language === 'zh' ? ['（', '）', '、'] : [' (', ')', ', ']
    const named = fields.map((id) => field(item, id)).join(comma)
    return named === '' ? thing(item) : `${thing(item)}${from}${named}${to}`
  }
  const refusal = (code: string): string => {
    const said = refusals[code]?.[language]
    const [from, to] = language === 'zh' ? ['（', '）'] : [' (', ')']
    return said === undefined ? code : `${said}${from}${code}${to}`
  }
  return { language, member, thing, field, read, refusal, no: (code) => no[code] ?? code }
}

/** What the keys of persons, firms and objects are called. */
const keys: { readonly [language in Language]: Lines } = {
  zh: { code: '证件号码', name: '姓名或名称', unit: '不动产单元号' },
  en: { code: 'number', name: 'name', unit: 'Unit' },
}

const refusals: { readonly [code: string]: { readonly [language in Language]: string } } = {
  'node/act-not-open': { zh: '这一步现在不能办', en: 'this act is not open' },
  'judge/guarded': { zh: '法定条件不满足', en: 'a guard of the law holds' },
  'judge/not-bound': { zh: '此人不是登记的当事人', en: 'not whom the evidence names' },
  'sharing/no-consent': { zh: '未经同意', en: 'no consent' },
  'processes/hold-broken': { zh: '数量或批次不符', en: 'the quantities would not agree' },
}
