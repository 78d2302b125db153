// Letters: the written no with its law, reason, next step and way of appeal, and the one notice of
// everything that is missing. They are put together from the blueprint and its texts; nobody writes
// them, so none can leave the appeal out.
import type { Act, Language, Next, TextPack } from '#blueprint/grammar'
import { listOf } from '#blueprint/grammar'
import type { Source } from './source.ts'
import { citesOf, citeOf, titleIn } from './source.ts'

/** A letter as lines of text, to be set by whoever prints it. */
export type Letter = { readonly title: string; readonly lines: readonly string[] }

type Words = {
  readonly refusal: string
  readonly notice: string
  readonly matter: string
  readonly decision: string
  readonly reason: string
  readonly law: string
  readonly next: string
  readonly appeal: string
  readonly missing: string
  readonly within: string
  readonly once: string
  readonly nexts: { readonly [next in Next]: string }
}

const words: { readonly [language in Language]: Words } = {
  zh: {
    refusal: '不予办理决定书',
    notice: '一次性补正告知书',
    matter: '事项',
    decision: '办理环节',
    reason: '理由',
    law: '依据',
    next: '下一步',
    appeal: '救济途径',
    missing: '请补正以下全部材料',
    within: '期限',
    once: '本通知列明全部所缺材料，不再另行要求补正。',
    nexts: {
      appeal: '可依下列途径申请救济',
      ask: '可向办理单位询问',
      complete: '补充后可继续办理',
      correct: '更正后可继续办理',
      court: '须待法院或登记机关解除限制',
      refile: '可重新提出申请',
      settle: '结清后可继续办理',
    },
  },
  en: {
    refusal: 'Decision of refusal',
    notice: 'Notice of everything that is missing',
    matter: 'Matter',
    decision: 'Act',
    reason: 'Reason',
    law: 'Law',
    next: 'Next step',
    appeal: 'Appeal',
    missing: 'Please supply all of the following',
    within: 'Within',
    once: 'This notice lists everything that is missing; nothing more will be asked for.',
    nexts: {
      appeal: 'you may appeal as stated below',
      ask: 'ask the office that acted',
      complete: 'complete the application; it then goes on',
      correct: 'have it corrected; the application then goes on',
      court: 'wait until the court or register lifts the restriction',
      refile: 'you may apply again',
      settle: 'settle what is owed; the application then goes on',
    },
  },
}

/** The letter of a no, or null if the act has no such code. */
export function refusalLetter(
  { blueprint }: Source,
  pack: TextPack,
  name: string,
  code: string,
): Letter | null {
  const act: Act | undefined = blueprint.acts[name]
  const next = act?.no?.codes[code]
  if (act === undefined || next === undefined) return null
  const say = words[pack.language]
  const law = citesOf(blueprint, act.no?.law === undefined ? listOf(act.law) : [act.no.law])
  const { appeal } = blueprint
  const article = appeal === undefined ? undefined : blueprint.law[appeal.law]
  const lines = [
    `${say.matter}: ${pack.title}`,
    `${say.decision}: ${titleIn(pack.acts, name)}`,
    `${say.reason}: ${titleIn(pack.no, code)}`,
    `${say.law}: ${law.join('; ')}`,
    `${say.next}: ${say.nexts[next]}`,
  ]
  if (appeal !== undefined && article !== undefined) {
    lines.push(`${say.appeal}: ${appeal.to}, ${appeal.within}, ${citeOf(article)}`)
  }
  return { title: say.refusal, lines }
}

/** The one notice of what is missing; items by name, in the order given, each once. */
export function missingNotice(
  { blueprint }: Source,
  pack: TextPack,
  items: readonly string[],
): Letter | null {
  const known = [...new Set(items)].filter((item) => Object.hasOwn(blueprint.evidence, item))
  if (known.length === 0) return null
  const say = words[pack.language]
  const notices = Object.values(blueprint.clocks ?? {}).flatMap(({ notice }) => notice ?? [])
  const law = citesOf(
    blueprint,
    notices.map((notice) => notice.law),
  )
  return {
    title: say.notice,
    lines: [
      `${say.matter}: ${pack.title}`,
      `${say.missing}:`,
      ...known.map((item, at) => `${at + 1}. ${titleIn(pack.evidence, item)}`),
      ...(law.length === 0 ? [] : [`${say.law}: ${law.join('; ')}`]),
      say.once,
    ],
  }
}
