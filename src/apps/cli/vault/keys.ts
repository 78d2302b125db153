// `lianban vault key …`: the key over a vault's keys, made, changed, given into shares and put
// together again.
import fs from 'node:fs'
import { join } from 'node:path'
import { utf8Decode, utf8Encode } from '#base/bytes'
import { constantTimeEqual } from '#base/crypto'
import { addKek, dropOldKeks, joinKey, makeKek, openKek, splitKey } from '#adapters/vault'
import { countOption, readInput } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { exits } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { withVault } from './opening.ts'

const shareBytesMax = 512

/** Runs `vault key new FILE`. */
export async function newKeyFile({ terminal, operands }: Ask): Promise<Answer> {
  const path = operands['FILE'] ?? ''
  const { current } = makeKek(path)
  return {
    data: { ok: true, file: path, number: current },
    lines: [terminal.words(`已生成主密钥 ${path}`, `made the key over keys ${path}`)],
  }
}

/** Runs `vault key rotate`: a new key, and every record's key wrapped with it. */
export async function rotateKey(ask: Ask): Promise<Answer> {
  const { terminal, values } = ask
  const path = values['key'] ?? ''
  const wrapped = await withVault(ask, ({ vault }) => vault.rewrap(addKek(path)))
  const { current } = openKek(path)
  return {
    data: { ok: true, file: path, number: current, wrapped },
    lines: [
      terminal.words(
        `第 ${current} 号主密钥已启用，重新包裹 ${wrapped} 把`,
        `key ${current} is in use, ${wrapped} keys wrapped again`,
      ),
      terminal.words(
        '旧密钥仍在文件中；确认备份后执行 lianban vault key drop',
        'the old key is still in the file; after a backup: lianban vault key drop',
      ),
    ],
  }
}

/** Runs `vault key drop`: forgets all keys but the current one, once nothing needs them. */
export async function dropKeys(ask: Ask): Promise<Answer> {
  const { terminal, values } = ask
  const path = values['key'] ?? ''
  // Whatever is still wrapped with an earlier key is wrapped again first.
  await withVault(ask, ({ vault, kek }) => vault.rewrap(kek))
  const { current } = dropOldKeks(path)
  return {
    data: { ok: true, file: path, number: current },
    lines: [
      terminal.words(
        `只留第 ${current} 号主密钥；更早的密钥表备份再也打不开`,
        `only key ${current} is left; earlier backups of the table of keys never open again`,
      ),
    ],
  }
}

/** Runs `vault key split FILE`: a file for each share. */
export async function splitKeyFile(ask: Ask): Promise<Answer> {
  const { terminal, operands, values } = ask
  const kek = openKek(operands['FILE'] ?? '')
  const [k, n] = [countOption(ask, 'need', 3), countOption(ask, 'of', 5)]
  const key = kek.key(kek.current)
  const shares = key === null ? [] : splitKey({ number: kek.current, key }, { k, n })
  const folder = values['into'] ?? ''
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const files = shares.map((share, at) => {
    const path = join(folder, `share-${at + 1}`)
    fs.writeFileSync(path, utf8Encode(`${share}\n`), { mode: 0o600, flag: 'wx' })
    return path
  })
  return {
    data: { ok: true, files, need: k },
    lines: [
      terminal.words(
        `${n} 份，任意 ${k} 份可还原；请交给不同的人`,
        `${n} shares, any ${k} of which give the key; hand them to different people`,
      ),
    ],
  }
}

/** Runs `vault key join FILE --share …`. */
export async function joinShares(ask: Ask): Promise<Answer> {
  const { terminal, operands } = ask
  const path = operands['FILE'] ?? ''
  const { current } = makeKek(path, joinKey(sharesOf(ask)))
  return {
    data: { ok: true, file: path, number: current },
    lines: [
      terminal.words(
        `已还原第 ${current} 号主密钥 ${path}`,
        `put key ${current} together again: ${path}`,
      ),
    ],
  }
}

/** Runs `vault key drill FILE --share …`: whether these shares would give the key of the file. */
export async function drillShares(ask: Ask): Promise<Answer> {
  const { terminal, operands } = ask
  const kek = openKek(operands['FILE'] ?? '')
  const { number, key } = joinKey(sharesOf(ask))
  const own = kek.key(kek.current)
  const isSame = number === kek.current && own !== null && constantTimeEqual(key, own)
  return {
    data: { ok: isSame, number, current: kek.current },
    lines: [
      isSame
        ? terminal.words('这些份可还原主密钥', 'these shares give the key')
        : terminal.words(
            `这些份属于第 ${number} 号主密钥，现用第 ${kek.current} 号：请重新分发`,
            `these shares are of key ${number}, in use is ${kek.current}: hand out new ones`,
          ),
    ],
    exit: isSame ? exits.ok : exits.unverified,
  }
}

function sharesOf({ lists }: Ask): readonly string[] {
  return (lists['share'] ?? []).map((share) => utf8Decode(readInput(share, shareBytesMax)) ?? '')
}
