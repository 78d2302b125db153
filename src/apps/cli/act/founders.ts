// The founders' file: who begins a ledger, with which keys. Keys that it asks for by use are made
// in the directory; keys that it brings along are registered as they are. It promises to begin
// nothing that the members' domain would refuse, and to say which line of the agreement is wrong.
import { parse, TomlError } from 'smol-toml'
import { base64urlEncode, utf8Decode } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import type { Value } from '#ledger/command'
import type { HeldUse, KeyStore } from '#adapters/keys'
import { algorithmOf, isHeldUse } from '#adapters/keys'
import type { Founder, FoundersKey, GenesisParams } from '#domains/members'
import { foundersWrites } from '#domains/members'
import { exits, Stop, text } from '#apps/cli/output'
import { readBounded, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { codeVersion } from '#apps/node/host'

/** A founding member as the file or the flags name it. */
export type FounderWish = Omit<Founder, 'keys'> & {
  /** Uses of keys that are made in the directory. */
  readonly make: readonly HeldUse[]
  readonly bring: readonly FoundersKey[]
}

export type FoundersWish = {
  readonly ledger: string
  readonly practice: boolean
  readonly operator: string
  readonly members: readonly FounderWish[]
}

const fileBytesMax = 1_048_576
const usual: readonly HeldUse[] = ['command', 'receipt', 'transport']

/** The founders that the options name: a file, or flags for a simple ledger. */
export function foundersOf(ask: Ask): FoundersWish {
  const { values, lists, flags } = ask
  const path = values['founders']
  if (path !== undefined) return readFounders(path)
  const { ledger } = values
  const codes = lists['member'] ?? []
  const operator = values['operator'] ?? codes[0]
  if (ledger === undefined || operator === undefined) {
    throw usage('cli/missing-option', '--founders', [
      '请加 --founders FILE，或 --ledger 与 --member',
      'add --founders FILE, or --ledger and --member',
    ])
  }
  const members = codes.map((code) => ({
    code,
    kind: 'replica' as const,
    officers: [],
    bring: [],
    make: code === operator ? [...usual, 'log' as const] : usual,
  }))
  return { ledger, practice: flags.has('practice'), operator, members }
}

function readFounders(path: string): FoundersWish {
  const content = utf8Decode(readBounded(path, fileBytesMax))
  let table: Fields
  try {
    table = parse(content ?? '') as Fields
  } catch (error) {
    const at = error instanceof TomlError ? `${path}:${error.line}:${error.column}` : path
    throw bad(at, ['不是 TOML', 'it is not TOML'])
  }
  knownOnly(table, path, ['ledger', 'practice', 'operator', 'member'])
  const { ledger, practice = false, operator, member } = table
  if (typeof ledger !== 'string' || typeof operator !== 'string') {
    throw bad(path, ['缺少 ledger 或 operator', 'ledger or operator is missing'])
  }
  const rows = Array.isArray(member) ? (member as readonly Fields[]) : []
  const members = rows.map((row, at) => founderOf(row, `${path}: member ${at + 1}`))
  return { ledger, practice: practice === true, operator, members }
}

type Fields = { readonly [name: string]: unknown }

function founderOf(row: Fields, at: string): FounderWish {
  knownOnly(row, at, ['code', 'kind', 'uscc', 'rp', 'keys', 'key', 'officer'])
  const { code, kind = 'replica', uscc, rp, keys = [], key = [], officer = [] } = row
  const make = (keys as readonly string[]).map((use) => {
    if (isHeldUse(use)) return use
    throw bad(at, [`没有这种用途：${use}`, `there is no use ${use}`])
  })
  // What follows is checked as a whole by the domain, which says what does not fit.
  return {
    code: String(code),
    kind: kind as Founder['kind'],
    make,
    bring: (key as readonly FoundersKey[]).map((each) => ({ ...each, alg: algOf(each) })),
    officers: officer as Founder['officers'],
    ...(uscc === undefined ? {} : { uscc: uscc as string }),
    ...(rp === undefined ? {} : { rp: rp as NonNullable<Founder['rp']> }),
  }
}

function algOf({ use, alg }: FoundersKey): FoundersKey['alg'] {
  return alg ?? (isHeldUse(use) ? algorithmOf(use) : 'ES256')
}

function knownOnly(table: Fields, at: string, names: readonly string[]): void {
  const stray = Object.keys(table).find((name) => !names.includes(name))
  if (stray === undefined) return
  throw bad(`${at}: ${stray}`, [`只能有 ${names.join('、')}`, `known are ${names.join(', ')}`])
}

function bad(at: string, [zh, en]: readonly [string, string]): Stop {
  return new Stop({ code: 'cli/bad-founders', exit: exits.usage, at, text: text(zh, en) })
}

/** Makes the keys that are wished for and gives parameters that can begin a ledger. */
export function paramsOf(wish: FoundersWish, store: KeyStore, created: number): Value {
  const { practice, operator } = wish
  const members: Founder[] = wish.members.map((member) => {
    const { make, bring, ...rest } = member
    // Keys of others that lie on the operator's machine are hosted, and never raise a grade.
    const custody = !practice && member.code === operator ? 'own' : 'hosted'
    const made: FoundersKey[] = make.map((use) => {
      const held = store.list().find((key) => key.member === member.code && key.use === use)
      const key = held ?? store.generate({ use, member: member.code, custody, created })
      return { use, alg: key.alg, jwk: key.jwk, custody: key.custody }
    })
    return { ...rest, keys: [...made, ...bring] }
  })
  const code = base64urlEncode(codeVersion())
  const params: GenesisParams = { practice, operator, members, code }
  const plain = JSON.parse(JSON.stringify(params)) as Value
  const writes = foundersWrites(plain)
  if (!isRefusal(writes)) return plain
  const { code: refused, at } = writes
  const said = at === undefined ? refused : `${refused} [${at}]`
  throw bad(wish.ledger, [said, said])
}
