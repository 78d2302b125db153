// A department's system as a source: a table of PostgreSQL, MySQL, SQLite or an HTTP service, tried
// like a file. The account only reads; one that could do more is warned about.
import { readFileSync } from 'node:fs'
import { utf8Decode } from '#base/bytes'
import { readSecretFile } from '#adapters/keys'
import { Failure, openRegister, registerWordsOf } from '#adapters/registers'
import type { Cell as Value, Register, SystemKind } from '#adapters/registers'
import { checkedCell } from '#adapters/sources'
import type { Cell, Source, TrialOptions } from '#adapters/sources'
import { exits, Stop, text } from '#apps/cli/output'
import { remedyOf } from './remedies.ts'

/** Names the file in which a password or token stands, alone. */
export const secretVariable = 'LIANBAN_SOURCE_SECRET_FILE'

/** Names the file with the certificate authority, in PEM, of a system on another machine. */
export const authorityVariable = 'LIANBAN_SOURCE_CA_FILE'

/** Opens a table of a system. Throws `Stop` when it cannot be reached or has no such table. */
export async function openSystem(
  address: string,
  kind: SystemKind,
  options: TrialOptions,
): Promise<Source> {
  return toldBy(address, async () => {
    const register = openRegister(address, secret())
    try {
      return await tableOf(register, kind, options)
    } finally {
      await register.close()
    }
  })

  async function tableOf(
    register: Register,
    type: SystemKind,
    { sheet, onRows }: TrialOptions,
  ): Promise<Source> {
    const tables = await register.tables()
    const table = sheet ?? tables[0]
    if (table === undefined || !tables.includes(table)) throw noTable(address, tables)
    const { columns, rows } = await register.describe(table)
    await warnOf(register)
    onRows?.(0, 2 * rows)
    return {
      form: { type, encoding: null, delimiter: null, sheets: tables, sheet: table },
      header: { row: 0, names: columns.map(({ name }) => name), certain: true, above: 0 },
      rows: { scan: (take) => scanned(address, { table, take }) },
    }
  }
}

type Scan = { readonly table: string; readonly take: Parameters<Source['rows']['scan']>[0] }

async function scanned(address: string, { table, take }: Scan): Promise<void> {
  await toldBy(address, async () => {
    const register = openRegister(address, secret())
    let number = 0
    try {
      await register.scan(table, (values, unread) => {
        number += 1
        const cells = values.map(cellOf)
        for (const at of unread) cells[at] = binary
        take({ number, cells })
      })
    } finally {
      await register.close()
    }
  })
}

const binary: Cell = { text: '', sort: 'bad', flaw: 'sources/binary-cell' }

function cellOf(value: Value): Cell {
  return typeof value === 'string'
    ? checkedCell(value, 'text')
    : { text: value === null ? '' : String(value), sort: 'text' }
}

// The warning goes to the error stream, so that an answer for machines stays whole.
async function warnOf(register: Register): Promise<void> {
  const { canWrite, grants } = await register.rights()
  if (!canWrite) return
  const some = plain(grants.slice(0, 3).join(', '))
  process.stderr.write(`这个账户可以写入（${some}）；请改用只读账户。\n`)
  process.stderr.write(`This account can write (${some}); use one that can only read.\n`)
}

/** The secret and the authority that the environment names, for systems and web addresses. */
export function secret(): { readonly password?: string; readonly ca?: string } {
  const path = process.env[secretVariable]
  const password = path === undefined ? {} : { password: wordIn(path) }
  const authority = process.env[authorityVariable]
  return authority === undefined ? password : { ...password, ca: readFileSync(authority, 'utf8') }
}

/** A secret is text: of what is none, no part is sent to anybody. */
function wordIn(path: string): string {
  const word = utf8Decode(readSecretFile(path))
  if (word !== null) return word
  throw new Stop({
    code: 'cli/not-read',
    exit: exits.usage,
    at: path,
    text: text('密钥文件不是 UTF-8 文本', 'the file of the secret is no text in UTF-8'),
    remedy: text('文件中只写口令本身', 'write the secret into it and nothing else'),
  })
}

/** An address as it may be shown: whoever has typed a password into it finds it on no screen. */
export function withoutPassword(address: string): string {
  return address.replace(/^([^/]*\/\/[^/:@]*):.*@/, '$1:…@')
}

async function toldBy<T>(address: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const meaning = registerWordsOf(error.code) ?? text(error.message, error.message)
    const detail = plain(error.message.slice(error.code.length + 2))
    throw new Stop({
      code: error.code,
      exit: exits.failure,
      at: withoutPassword(address),
      text: text(`${meaning.zh}（${detail}）`, `${meaning.en} (${detail})`),
      remedy: remedyOf(error.code),
    })
  }
}

/** Names come from outside: nothing of them may steer a terminal, or fill it. */
function plain(words: string): string {
  return words.slice(0, 1000).replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
}

function noTable(address: string, tables: readonly string[]): Stop {
  const list = plain(tables.slice(0, 40).join(' '))
  return new Stop({
    code: 'sources/no-such-sheet',
    exit: exits.failure,
    at: address,
    text: text(`没有此表；有：${list}`, `no such table; there are: ${list}`),
    remedy: text('用 --sheet 指明', 'name one with --sheet'),
  })
}
