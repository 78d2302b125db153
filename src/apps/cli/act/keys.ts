// `lianban key …`: keys that lie here, and what the ledger is told about them. A key is registered
// with a proof that its private part is held; rotating makes the new key first, so that a crash
// leaves a key too many and never one too few.
import type { Value } from '#ledger/command'
import { isSignable, isHeldUse, provePossession } from '#adapters/keys'
import type { HeldKey, KeyStore } from '#adapters/keys'
import { possessionMessage } from '#domains/members'
import { base64urlEncode } from '#base/bytes'
import { exits, Stop, tableLines, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { countOption, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { withReached } from '#apps/cli/remote'
import { ledgerOf, send, storeOf } from './send.ts'

/** Runs `key generate`. */
export async function generateKey(ask: Ask): Promise<Answer> {
  const { terminal, values } = ask
  const { use = '', member = '' } = values
  const custody = values['custody'] ?? 'own'
  if (!isHeldUse(use) || (custody !== 'own' && custody !== 'hosted')) {
    throw usage('cli/bad-value', isHeldUse(use) ? '--custody' : '--use', [
      '用途如 command、receipt、log、cosign、transport；保管为 own 或 hosted',
      'a use such as command, receipt, log, cosign, transport; custody own or hosted',
    ])
  }
  const key = storeOf(ask).generate({ use, member, custody, created: Date.now() })
  return {
    data: { ok: true, key },
    lines: [
      ...tableLines([
        [terminal.words('指纹', 'kid'), key.kid],
        [terminal.words('用途', 'use'), `${key.use} (${key.alg}, ${key.custody})`],
        [terminal.words('成员', 'member'), key.member],
        [terminal.words('公钥', 'public key'), JSON.stringify(key.jwk)],
      ]),
      terminal.words(`登记：lianban key add ${key.kid}`, `register it: lianban key add ${key.kid}`),
    ],
  }
}

/** Runs `key list`. */
export async function listKeys(ask: Ask): Promise<Answer> {
  const keys = storeOf(ask).list()
  return {
    data: { ok: true, keys },
    lines: tableLines(
      keys.map(({ kid, use, member, custody, created }) => [
        kid,
        use,
        member,
        custody,
        new Date(created).toISOString(),
      ]),
    ),
  }
}

function heldKey(store: KeyStore, kid: string): HeldKey {
  const key = store.find(kid)
  if (key !== undefined) return key
  throw new Stop({
    code: 'cli/no-key',
    exit: exits.failure,
    at: kid,
    remedy: text(
      'lianban key list 列出此处的密钥',
      'lianban key list shows the keys that lie here',
    ),
  })
}

/** The proof that a key is held, for the body of a command; absent for keys that cannot sign. */
export function proofOf(
  store: KeyStore,
  key: HeldKey,
  { ledger, of }: { readonly ledger: string; readonly of: string },
): { readonly proof?: string } {
  const { kid, member, use } = key
  const message = possessionMessage({ ledger, member, use, kid, of })
  if (!isSignable(use, message)) return {}
  return { proof: base64urlEncode(provePossession(store, kid, message)) }
}

function offered({ alg, jwk, custody }: HeldKey): { readonly [name: string]: Value } {
  return { alg, jwk: jwk as unknown as Value, custody }
}

/** Runs `key add KID`. */
export async function addKey(ask: Ask): Promise<Answer> {
  const store = storeOf(ask)
  const key = heldKey(store, ask.operands['KID'] ?? '')
  const from = countOption(ask, 'from')
  const until = countOption(ask, 'until')
  return withReached(ask, { writes: true }, async (remote) => {
    const body = {
      use: key.use,
      ...offered(key),
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
      ...proofOf(store, key, { ledger: await ledgerOf(remote), of: '' }),
    }
    return send(ask, remote, { type: 'key.add', body, member: key.member })
  })
}

/** Runs `key rotate KID`: a new key of the same use, member and custody takes over. */
export async function rotateKey(ask: Ask): Promise<Answer> {
  const store = storeOf(ask)
  const old = heldKey(store, ask.operands['KID'] ?? '')
  const overlap = countOption(ask, 'overlap', 0)
  const { use, member, custody } = old
  const made = ask.values['to']
  return withReached(ask, { writes: true }, async (remote) => {
    const ledger = await ledgerOf(remote)
    const key =
      made === undefined
        ? store.generate({ use, member, custody, created: Date.now() })
        : heldKey(store, made)
    const body = {
      kid: old.kid,
      ...offered(key),
      overlap,
      ...proofOf(store, key, { ledger, of: '' }),
    }
    const answer = await send(ask, remote, { type: 'key.rotate', body, member })
    return { ...answer, data: { ...answer.data, kid: key.kid } }
  })
}

/** Runs `key revoke KID`. */
export async function revokeKey(ask: Ask): Promise<Answer> {
  const kid = ask.operands['KID'] ?? ''
  if (!ask.flags.has('yes') && !ask.flags.has('dry-run')) {
    throw new Stop({
      code: 'cli/needs-yes',
      exit: exits.usage,
      at: kid,
      remedy: text(
        '密钥一经终止不再生效；确认请加 --yes',
        'a key that ended never counts again: --yes',
      ),
    })
  }
  const until = countOption(ask, 'until')
  return withReached(ask, { writes: true }, (remote) =>
    send(ask, remote, {
      type: 'key.revoke',
      body: { kid, ...(until === undefined ? {} : { until }) },
    }),
  )
}
