// Officers on a command line: who loads and who has looked besides. A word names an officer of the
// department whose data it is, by department and place (`market-2`), by place alone, or by his key.
// What is not clear is refused with the names that there are, before anything is read.
import type { ApprovalText } from '#ledger/command'
import { isRefusal } from '#ledger/command'
import type { City } from '#apps/node/city'
import { memberLayout } from '#apps/node/city'
import { readPack } from '#apps/node/pack'
import type { LoadFile, LoadLook, LoadOptions } from '#apps/node/loading'
import type { PracticeOfficers } from '#apps/node/officers'
import { openPracticeOfficers } from '#apps/node/officers'
import type { Looked, Registry, Signing, StewardCode } from '#apps/node/stewards'
import { lookedAt, officerNamed, officerNames, practiceRegistry } from '#apps/node/stewards'
import type { Ask } from '#apps/cli/command'
import { exits, Stop, text } from '#apps/cli/output'
import fs from 'node:fs'

const packName = 'beijing'

/** A department's officers, as a command has them. */
export type Office = {
  readonly member: string
  readonly names: readonly string[]
  readonly kids: readonly string[]
  readonly sign: Signing
  /** Where their keys are looked up: the ledger, or their own file while another process has it. */
  readonly registry: Registry
}

/** The officers of a member; null where it has enrolled none. No `city`: it runs elsewhere. */
export function officeOf(directory: string, city: City | null, member: string): Office | null {
  const pack = readPack(packName).members.find(({ code }) => code === member)
  const path = memberLayout(directory, member, false).officers
  if (pack === undefined || !fs.existsSync(path)) return null
  const officers = openPracticeOfficers(path, member, 0)
  const port = city?.members.get(member)?.port
  return {
    member,
    names: officerNames(member, officers.kids),
    kids: officers.kids,
    sign: signingOf(officers),
    registry:
      port === undefined
        ? practiceRegistry(member, officers)
        : { view: port.view(), height: port.head().height },
  }
}

function signingOf(officers: PracticeOfficers): Signing {
  return ({ kids, intent, shown }): Promise<readonly ApprovalText[]> => {
    return officers.approve({ posts: [], kids, intent, shown })
  }
}

/** The office of a member, or the end of the command where it has none. */
export function needOffice(office: Office | null, member: string): Office {
  if (office !== null) return office
  const code: StewardCode = 'node/no-officers'
  throw new Stop({
    code,
    exit: exits.failure,
    at: member,
    text: text('该部门没有登记可签字的工作人员', 'the department has enrolled no officers'),
    remedy: text(
      '由已登记工作人员的部门作为数据管理部门',
      'name a department with officers as steward of the load file',
    ),
  })
}

/** The kid of an officer of these offices; the end of the command where no office has him. */
function kidsNamed(
  option: string,
  words: string | undefined,
  offices: readonly Office[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const word of words?.split(',') ?? []) {
    const named = offices.flatMap(({ member, kids }) => {
      const kid = officerNamed(word, member, kids)
      return kid === null ? [] : [[member, kid] as const]
    })
    if (named.length === 0) throw unknownOfficer(`${option} ${word}`, offices)
    for (const [member, kid] of named) found.set(member, kid)
  }
  return found
}

/** The end of a command that names nobody who is there, with those who are. */
export function unknownOfficer(at: string, offices: readonly Office[]): Stop {
  const known = offices.flatMap(({ names }) => names).join(' ')
  const code: StewardCode = 'node/unknown-officer'
  return new Stop({
    code,
    exit: exits.usage,
    at,
    text: text('没有这位工作人员', 'no such officer of the department'),
    remedy: text(`现有：${known}`, `there are: ${known}`),
  })
}

/** Who looks at the differences of these files, as `--by` and `--second` name them. */
export function lookersOf(
  ask: Ask,
  files: readonly LoadFile[],
  of: { readonly directory: string; readonly city: City | null; readonly ledger: string },
): NonNullable<LoadOptions['looked']> {
  const members = [...new Set(files.map(({ steward }) => steward))]
  const offices = members
    .map((member) => officeOf(of.directory, of.city, member))
    .filter((office) => office !== null)
  const by = kidsNamed('--by', ask.values['by'], offices)
  const second = kidsNamed('--second', ask.values['second'], offices)
  for (const [member, kid] of second) if (by.get(member) === kid) throw sameOfficer(offices)
  return async ({ steward: member }, seen, before) => {
    const office = offices.find((each) => each.member === member)
    if (office === undefined) return null
    const { sign, registry } = office
    if (before !== null && second.get(member) === before.by) throw sameOfficer(offices)
    const kids = [by.get(member), second.get(member)].filter((kid) => kid !== undefined)
    const kept = before === null ? null : (before.signed as unknown as Looked['signed'])
    const { ledger } = of
    const looked = await lookedAt(seen, { ledger, member, kids, kept, sign, registry })
    if (looked === null) return null
    if (isRefusal(looked)) {
      throw new Stop({ code: looked.code, exit: exits.failure, at: `${member} ${looked.at ?? ''}` })
    }
    return { ...looked, signed: looked.signed as unknown as LoadLook['signed'] }
  }
}

function sameOfficer(offices: readonly Office[]): Stop {
  const known = offices.flatMap(({ names }) => names).join(' ')
  return new Stop({
    code: 'validate/same-officer',
    exit: exits.usage,
    at: '--second',
    text: text('两次签字须是两位工作人员', 'two signatures mean two officers'),
    remedy: text(`另选一位：${known}`, `name another one of: ${known}`),
  })
}
