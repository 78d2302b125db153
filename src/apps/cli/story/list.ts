// The seller's own list: who saw what about her, for which act, and whether both sides have put it
// under her tags. It is proven against the ledger's map, so nothing can be missing from it unless a
// reader and an owner have both kept silent.
import type { Line } from '#domains/sharing'
import { whoLooked } from '#apps/node/city'
import type { Application } from '#apps/node/city'
import { application } from './home.ts'
import { namesOf } from './names.ts'
import type { Names } from './names.ts'
import { defect } from './stage.ts'
import type { Stage } from './stage.ts'
import { momentOf } from './teller.ts'
import type { Teller } from './teller.ts'

/** What the list came to. */
export type Listed = {
  readonly reads: number
  readonly readers: number
  readonly complete: boolean
}

/** Tells the list of the elderly seller. */
export async function tellList(stage: Stage, teller: Teller): Promise<Listed> {
  const [seller] = stage.city.population.roles.elderly.sellers
  if (seller === undefined) throw defect('nobody sells')
  await stage.checkpointed()
  const { lines, complete, mismatches, refused } = await whoLooked(stage.city, seller.code)
  if (!complete) throw defect(`the list is not complete: ${JSON.stringify(mismatches[0])}`)
  const readers = new Set(lines.map(({ reader }) => reader)).size
  teller.scene(
    '谁看过我？卖方自己的清单，可以在窗口打印大字版。双方各留一笔，少一笔都会被发现。',
    'Who looked at me? The seller’s own list, printed large at the counter. Both sides of each ' +
      'read have left a mark under her tags, and the list is proven to miss none.',
  )
  const names = namesOf(stage, application, teller.language)
  teller.quote(lines.map((line) => lineText(stage, names, line)).join('\n'))
  teller.line(
    `${lines.length} 次查阅，${readers} 个单位，被拒绝 ${refused.length} 次，完整：是`,
    `${lines.length} reads by ${readers} members, ${refused.length} refused; complete: yes`,
  )
  const closed = lines.flatMap(({ owners }) => owners)
  const both = closed.filter(({ how }) => how === 'receipt').length
  if (both !== closed.length) throw defect('somebody has not signed for what was shown')
  teller.line(
    `其中 ${both} 次由别的部门出示，每一次双方都签了收据`,
    `${both} times another department showed something, each time with a receipt of both sides`,
  )
  return { reads: lines.length, readers, complete }
}

function lineText(
  stage: Stage,
  names: Names,
  { time, reader, for: purpose, owners }: Line,
): string {
  const { language, member, thing } = names
  const shown = owners.map((owner) => member(owner.member))
  const what = fieldsOf(stage.application(application), purpose).map(names.read)
  const [own, comma, colon, semicolon] =
    language === 'zh' ? ['本部门已有的记录', '、', '：', '；'] : ['own records', ', ', ': ', '; ']
  const from = shown.length === 0 ? own : shown.join(comma)
  const head = `${momentOf(time)}  ${thing(purpose)}`
  return `${head}\n  ${member(reader)} ← ${from}${colon}${what.join(semicolon)}`
}

/** What of hers an act reads, as the blueprint says it; a supply reads the keys of its subject. */
function fieldsOf({ blueprint }: Application, name: string): readonly string[] {
  const hers = ['seller', 'home']
  const reads = blueprint.acts[name]?.reads ?? blueprint.evidence[name]?.key ?? []
  return reads.filter((read) => {
    const item = /^\w+/.exec(read)?.[0] ?? ''
    return hers.includes(blueprint.evidence[item]?.about ?? item)
  })
}
