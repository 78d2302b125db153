// Commands that this program makes itself: an intent, signed by a member's command key that lies
// here, sent to the ledger, answered by a receipt. What needs officers is prepared here, approved
// by their passkeys elsewhere, and signed here afterwards.
import fs from 'node:fs'
import { randomBytes } from 'node:crypto'
import { asciiDecode } from '#base/bytes'
import { encodeIntent, isRefusal, decodeIntent } from '#ledger/command'
import type { ApprovalText, Value } from '#ledger/command'
import { keyInForce } from '#ledger/validate'
import type { KeyRecord } from '#ledger/validate'
import { signCommand } from '#adapters/keys'
import type { HeldKey, KeyStore } from '#adapters/keys'
import { exits, Stop, tableLines, text } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import { readBounded, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { keysOf } from '#apps/cli/directory'
import { getJson, keysPath, refusedBy } from '#apps/cli/remote'
import type { Remote } from '#apps/cli/remote'

/** What is to be asked of the ledger. */
export type Wish = {
  readonly type: string
  readonly body: { readonly [name: string]: Value }
  /** The member for whom it is signed; the one whose command key lies here when absent. */
  readonly member?: string
}

/** How long a command that is made here may be admitted, in milliseconds. */
const validMs = 10 * 60_000

/** The key store of this command; a `Stop` when no option names one. */
export function storeOf(ask: Ask): KeyStore {
  const keys = keysPath(ask)
  if (keys !== null) return keysOf(ask, { keys })
  throw usage('cli/missing-option', '--keys', [
    '请加 --keys DIR 或 --directory DIR',
    'add --keys DIR or --directory DIR',
  ])
}

/** Command keys to sign with, newest first: `--signer`, or those of one member that lie here. */
export function signersOf(ask: Ask, store: KeyStore, member?: string): readonly HeldKey[] {
  const named = ask.values['signer']
  const wanted = member ?? ask.values['as']
  const fitting = store
    .list()
    .filter(({ use, kid }) => use === 'command' && (named === undefined || kid === named))
    .filter((key) => wanted === undefined || key.member === wanted)
  if (fitting.length === 0) throw noKey(wanted ?? named)
  if (new Set(fitting.map((key) => key.member)).size > 1) {
    throw usage('cli/missing-option', '--as', [
      '此处有多个成员的密钥：请加 --as 成员',
      'keys of several members lie here: add --as MEMBER',
    ])
  }
  return fitting.toSorted((a, b) => b.created - a.created)
}

function noKey(at: string | undefined): Stop {
  return new Stop({
    code: 'cli/no-key',
    exit: exits.failure,
    at,
    remedy: text(
      '此处须有该成员已登记的命令密钥（--keys）',
      'a registered command key of the member must lie here (--keys)',
    ),
  })
}

/** The newest of these keys that the ledger has in force for its next block. */
async function registeredOf(remote: Remote, keys: readonly HeldKey[]): Promise<HeldKey> {
  for (const key of keys) {
    const found = await recordOf<KeyRecord>(remote, `members/key/${key.kid}`)
    if (found !== undefined && keyInForce(found.value, found.height + 1)) return key
  }
  throw noKey(keys[0]?.kid)
}

/** A record of the ledger, as of a height; undefined when there is none. */
export async function recordOf<T>(remote: Remote, key: string): Promise<Read<T> | undefined> {
  try {
    return (await getJson(remote, `records/${key}`)) as Read<T>
  } catch (error) {
    if (error instanceof Stop && error.code === 'node/not-found') return undefined
    throw error
  }
}

/** A record as a node answers it. */
export type Read<T> = { readonly value: T; readonly height: number }

/** The origin of the ledger behind the address. */
export async function ledgerOf(remote: Remote): Promise<string> {
  const { origin } = new URL(remote.base)
  const node = { ...remote, base: `${origin}/` }
  const list = (await getJson(node, 'v1/ledgers')) as {
    readonly ledgers: readonly { readonly ledger: string; readonly href: string }[]
  }
  const path = new URL(remote.base).pathname
  const found = list.ledgers.find(({ href }) => href === path) ?? list.ledgers[0]
  if (found !== undefined) return found.ledger
  throw new Stop({ code: 'cli/no-ledger', exit: exits.failure, at: remote.base })
}

/** Makes, signs and sends one command; or writes its intent for officers with `--prepare`. */
export async function send(ask: Ask, remote: Remote, wish: Wish): Promise<Answer> {
  const intent = encodeIntent({
    ledger: await ledgerOf(remote),
    id: randomBytes(16).toString('base64url'),
    type: wish.type,
    body: wish.body,
    notAfter: Date.now() + validMs,
  })
  const prepare = ask.values['prepare']
  if (prepare !== undefined) return prepared(ask, prepare, intent)
  if (ask.flags.has('dry-run')) {
    return { data: { ok: true, dryRun: true, intent }, lines: [intent] }
  }
  const store = storeOf(ask)
  const key = await registeredOf(remote, signersOf(ask, store, wish.member))
  const approvals = approvalsOf(ask)
  return answerOf(ask.terminal, await post(remote, signCommand(store, key.kid, intent, approvals)))
}

function prepared({ terminal }: Ask, path: string, intent: string): Answer {
  fs.writeFileSync(path, intent, { mode: 0o600 })
  const decoded = decodeIntent(intent)
  const hash = isRefusal(decoded) ? '' : decoded.hash
  return {
    data: { ok: true, file: path, hash },
    lines: [
      terminal.words(
        `意图已写入 ${path}，供经办人批准（SHA-256 ${hash}）`,
        `the intent stands in ${path}, to be approved by officers (SHA-256 ${hash})`,
      ),
      `lianban command sign ${path} --approval FILE`,
    ],
  }
}

/** Officers' approvals in the files of `--approval`; undefined when there are none. */
export function approvalsOf({ lists }: Ask): readonly ApprovalText[] | undefined {
  const paths = lists['approval'] ?? []
  if (paths.length === 0) return undefined
  return paths.map((path) => {
    const names = ['kid', 'ad', 'cd', 'sig', 'shown'] as const
    let value: { readonly [name: string]: unknown }
    try {
      value = JSON.parse(asciiDecode(readBounded(path, 65_536)) ?? '') as typeof value
    } catch {
      throw usage('cli/bad-value', path, ['不是批准文件', 'it is no approval'])
    }
    const [kid, ad, cd, sig, shown] = names.map((name) => String(value[name]))
    return { kid, ad, cd, sig, shown } as ApprovalText
  })
}

/** Runs `command sign INTENT`: prints the signed command. */
export async function signIntent(ask: Ask): Promise<Answer> {
  const path = ask.operands['INTENT'] ?? ''
  const intent = asciiDecode(readBounded(path, 65_536)) ?? ''
  const decoded = decodeIntent(intent)
  if (isRefusal(decoded)) {
    throw new Stop({ code: decoded.code, exit: exits.usage, at: decoded.at ?? path })
  }
  const store = storeOf(ask)
  const [key] = signersOf(ask, store)
  if (key === undefined) throw noKey(undefined)
  const { kid, member } = key
  const command = signCommand(store, kid, intent, approvalsOf(ask))
  return { data: { ok: true, member, kid, id: decoded.id, command }, lines: [command] }
}

/** The receipt of one command; a `Stop` for a problem. */
export async function post(remote: Remote, jws: string): Promise<Receipt> {
  const { client, base, headers } = remote
  const answer = await client.request({
    url: `${base}commands`,
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/jose' },
    body: Buffer.from(jws, 'latin1'),
    repeatable: true,
  })
  if (answer.status === 201) return JSON.parse(Buffer.from(answer.body).toString()) as Receipt
  throw refusedBy(answer.problem ?? { status: answer.status })
}

/** A receipt as the node writes it. */
export type Receipt = {
  readonly member: string
  readonly id: string
  readonly type: string
  readonly entry: number
  readonly height: number
  readonly code: string
  readonly at?: string
  readonly outcome?: Value
  readonly grade: string
}

/** A receipt for people; a recorded no ends with exit code 1. */
export function answerOf(terminal: Terminal, receipt: Receipt): Answer {
  const ok = receipt.code === 'ok'
  return {
    data: { ok, receipt },
    lines: receiptLines(terminal, receipt),
    exit: ok ? exits.ok : exits.failure,
  }
}

/** The lines of a receipt. */
export function receiptLines(terminal: Terminal, receipt: Receipt): readonly string[] {
  const { member, id, type, entry, height, code, at, outcome, grade } = receipt
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const result = at === undefined ? code : `${code} [${at}]`
  return tableLines([
    [words('命令', 'command'), `${type} ${member}/${id}`],
    [words('结果', 'result'), terminal.paint(code === 'ok' ? 'good' : 'bad', result)],
    [words('条目', 'entry'), `${entry} (${words('高度', 'height')} ${height})`],
    [words('等级', 'grade'), grade],
    ...(outcome === undefined ? [] : [[words('输出', 'outcome'), JSON.stringify(outcome)]]),
  ])
}
