// `lianban query …` and `lianban proof get`: what a ledger says, and what it can prove. Answers of
// a node are printed as they came; only a proof, judged under a policy, is more than its word.
import fs from 'node:fs'
import process from 'node:process'
import { encodeCanonical } from '#base/canonical'
import type { Json } from '#base/canonical'
import { readEvents } from '#adapters/transport'
import { exits, Stop, tableLines, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { countOption, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { getBytes, getJson, withReached } from '#apps/cli/remote'
import type { Remote } from '#apps/cli/remote'
import { registryFormat } from '#apps/cli/verify'
import type { Roll } from '#domains/members'

const reading = { writes: false } as const

type Members = { readonly [name: string]: unknown }

/** A JSON answer of the node, indented for people. */
async function shown(ask: Ask, path: string): Promise<Answer> {
  return withReached(ask, reading, async (remote) => {
    const value = (await getJson(remote, path)) as Members
    return { data: value, lines: JSON.stringify(value, null, 2).split('\n') }
  })
}

/** Runs `query record KEY`. */
export async function queryRecord(ask: Ask): Promise<Answer> {
  return shown(ask, `records/${ask.operands['KEY'] ?? ''}`)
}

/** Runs `query receipt MEMBER ID`. */
export async function queryReceipt(ask: Ask): Promise<Answer> {
  const { MEMBER = '', ID = '' } = ask.operands
  return shown(ask, `receipts/${MEMBER}/${ID}`)
}

/** Runs `query entry INDEX`. */
export async function queryEntry(ask: Ask): Promise<Answer> {
  return shown(ask, `entries/${ask.operands['INDEX'] ?? ''}`)
}

/** Runs `query head`: where each ledger of the node stands. */
export async function queryHead(ask: Ask): Promise<Answer> {
  return withReached(ask, reading, async (remote) => {
    const { ledgers } = await ledgersOf(remote)
    const words = (zh: string, en: string): string => ask.terminal.words(zh, en)
    return {
      data: { ok: true, ledgers },
      lines: ledgers.flatMap(({ ledger, height, size, time, state }) =>
        tableLines([
          [words('账本', 'ledger'), String(ledger)],
          [words('高度', 'height'), String(height)],
          [words('条目', 'entries'), String(size)],
          [words('时间', 'time'), new Date(Number(time)).toISOString()],
          [words('状态', 'state'), String(state)],
        ]),
      ),
    }
  })
}

async function ledgersOf(remote: Remote): Promise<{ readonly ledgers: readonly Members[] }> {
  const node = { ...remote, base: `${new URL(remote.base).origin}/` }
  return (await getJson(node, 'v1/ledgers')) as { readonly ledgers: readonly Members[] }
}

/** Runs `query checkpoint` and `query policy`: texts as they are. */
export async function queryText(ask: Ask, path: 'checkpoint' | 'policy'): Promise<Answer> {
  return withReached(ask, reading, async (remote) => {
    const bytes = await getBytes(remote, path)
    const content = Buffer.from(bytes).toString()
    const out = ask.values['out']
    if (out !== undefined) return written(ask, out, bytes)
    return { data: { ok: true, [path]: content }, lines: [content.replace(/\n$/, '')] }
  })
}

/** Runs `query events`: entries as they become durable, until stopped or `--limit` are printed. */
export async function queryEvents(ask: Ask): Promise<Answer> {
  const { terminal } = ask
  const from = countOption(ask, 'from', 0)
  const limit = countOption(ask, 'limit', Number.MAX_SAFE_INTEGER)
  const stopping = new AbortController()
  process.once('SIGINT', () => stopping.abort())
  process.once('SIGTERM', () => stopping.abort())
  return withReached(ask, reading, async ({ client, base, headers }) => {
    let count = 0
    const events = readEvents(client, {
      url: `${base}events?from=${from}`,
      headers,
      lastEventId: from === 0 ? null : String(from - 1),
      signal: stopping.signal,
    })
    for await (const { data } of events) {
      const event = JSON.parse(data) as Members
      terminal.piece(event, eventLine(event))
      count += 1
      if (count >= limit) break
    }
    return { data: { ok: true, events: count }, lines: [] }
  })
}

function eventLine(event: Members): string {
  const parts = ['entry', 'height', 'kind', 'member', 'type', 'code']
    .map((name) => event[name])
    .filter((value) => value !== undefined)
  return parts.map(String).join('  ')
}

/** Runs `query registry`: keys and members, as `verify --registry` takes them. */
export async function queryRegistry(ask: Ask): Promise<Answer> {
  return withReached(ask, reading, async (remote) => {
    const record = async (key: string): Promise<{ value: Json; height: number }> =>
      (await getJson(remote, `records/${key}`)) as { value: Json; height: number }
    const roll = await record('members/ledger/roll')
    const records: Record<string, Json> = {}
    for (const code of (roll.value as unknown as Roll).all) {
      records[`members/member/${code}`] = (await record(`members/member/${code}`)).value
      for (const kid of (await record(`members/keys/${code}`)).value as readonly string[]) {
        records[`members/key/${kid}`] = (await record(`members/key/${kid}`)).value
      }
    }
    const content = encodeCanonical({ format: registryFormat, height: roll.height, records })
    const out = ask.values['out']
    if (out !== undefined) return written(ask, out, Buffer.from(content))
    return { data: JSON.parse(content) as Members, lines: [content] }
  })
}

function written({ terminal }: Ask, path: string, bytes: Uint8Array): Answer {
  try {
    fs.writeFileSync(path, bytes, { mode: 0o600 })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Stop({
      code: 'cli/not-written',
      exit: exits.failure,
      at: path,
      text: text(`无法写入（${code}）`, `cannot be written (${code})`),
    })
  }
  return {
    data: { ok: true, file: path, bytes: bytes.length },
    lines: [terminal.words(`已写 ${path}`, `wrote ${path}`)],
  }
}

/** Runs `proof get`: an entry, a receipt or a record with everything that proves it. */
export async function getProof(ask: Ask): Promise<Answer> {
  const { values, flags } = ask
  return withReached(ask, reading, async (remote) => {
    const path = await proofPath(ask, remote)
    const bytes = await getBytes(remote, path)
    const out = values['out']
    if (out !== undefined && flags.has('tlog')) await writeEntry(remote, path, out)
    if (out !== undefined) return written(ask, out, bytes)
    const content = Buffer.from(bytes).toString()
    return { data: { ok: true, proof: content }, lines: [content.replace(/\n$/, '')] }
  })
}

/** A .tlog-proof proves an entry that stands beside it, under the name without its ending. */
async function writeEntry(remote: Remote, path: string, out: string): Promise<void> {
  const [, index = ''] = path.split('/')
  const entry = await getBytes(remote, `entries/${index}`)
  fs.writeFileSync(
    out.replace(/\.tlog-proof$/, '') + (out.endsWith('.tlog-proof') ? '' : '.entry'),
    entry,
    {
      mode: 0o600,
    },
  )
}

async function proofPath(ask: Ask, remote: Remote): Promise<string> {
  const { values, flags } = ask
  const { record, receipt } = values
  const kind = flags.has('tlog') ? 'proof' : 'evidence'
  if (record !== undefined) return `records/${record}/proof?map=${values['map'] ?? 'now'}`
  if (receipt !== undefined) {
    const found = (await getJson(remote, `receipts/${receipt}`)) as { readonly entry: number }
    return `entries/${found.entry}/${kind}`
  }
  const entry = countOption(ask, 'entry')
  if (entry !== undefined) return `entries/${entry}/${kind}`
  throw usage('cli/missing-option', '--entry', [
    '请加 --entry N、--receipt 成员/编号 或 --record KEY',
    'add --entry N, --receipt MEMBER/ID or --record KEY',
  ])
}
