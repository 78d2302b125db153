// `lianban member …`: a member joins in recorded steps. It is proposed with its first key, approved
// word for word by the members' threshold, and activated by a proof of that very key.
import fs from 'node:fs'
import type { Value } from '#ledger/command'
import { sha256Text } from '#base/crypto'
import { thumbprint } from '#base/crypto'
import type { PublicJwk } from '#base/crypto'
import { exits, Stop, tableLines, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { readBounded, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { withReached } from '#apps/cli/remote'
import type { Remote } from '#apps/cli/remote'
import type { JoiningRecord, Membership, Roll } from '#domains/members'
import { readRestoreMark } from '#apps/node/restore'
import { fsDisk } from '#adapters/storage'
import { directoryOf } from '#apps/cli/directory'
import { proofOf } from './keys.ts'
import { ledgerOf, recordOf, send, storeOf } from './send.ts'

const documentBytesMax = 64 * 1024 * 1024

/** Runs `member propose CODE`. */
export async function proposeMember(ask: Ask): Promise<Answer> {
  const { operands, values } = ask
  const code = operands['CODE'] ?? ''
  const key = keyOffer(ask)
  const { uscc } = values
  const body: { readonly [name: string]: Value } = {
    code,
    kind: values['kind'] ?? 'replica',
    document: documentHash(values['document'] ?? ''),
    key,
    ...(uscc === undefined ? {} : { uscc }),
  }
  return withReached(ask, { writes: true }, (remote) =>
    send(ask, remote, { type: 'member.propose', body }),
  )
}

/** The agreement by its hash: base64url SHA-256, or of the file of that name. */
function documentHash(named: string): string {
  if (/^[A-Za-z0-9_-]{43}$/.test(named) && !fs.existsSync(named)) return named
  return sha256Text(readBounded(named, documentBytesMax), 'base64url')
}

/** The first key of the new member: the JSON that `key generate --json` printed, or its key. */
function keyOffer({ values }: Ask): Value {
  const path = values['key'] ?? ''
  const content = Buffer.from(readBounded(path, 65_536)).toString()
  try {
    const value = JSON.parse(content) as { readonly key?: Offered } & Offered
    const { alg, jwk, custody } = value.key ?? value
    if (jwk !== undefined)
      return { alg: alg ?? 'ES256', jwk: jwk as unknown as Value, custody: custody ?? 'own' }
  } catch {
    // Said below, for everything that is no key.
  }
  throw usage('cli/bad-value', path, [
    '须为 lianban key generate --json 的输出',
    'the output of lianban key generate --json is needed',
  ])
}

type Offered = { readonly alg?: string; readonly jwk?: PublicJwk; readonly custody?: string }

async function joiningOf(remote: Remote, code: string): Promise<JoiningRecord> {
  const found = await recordOf<JoiningRecord>(remote, `members/joining/${code}`)
  if (found !== undefined) return found.value
  throw new Stop({
    code: 'cli/not-found',
    exit: exits.failure,
    at: code,
    remedy: text('此成员未在加入中', 'this member is not joining'),
  })
}

/** Runs `member approve CODE`: for exactly what was proposed. */
export async function approveMember(ask: Ask): Promise<Answer> {
  const code = ask.operands['CODE'] ?? ''
  return withReached(ask, { writes: true }, async (remote) => {
    const { digest, offer } = await joiningOf(remote, code)
    ask.terminal.note(
      ask.terminal.words(
        `批准 ${code}（${offer.kind}，首把密钥 ${thumbprint(offer.key.jwk)}）`,
        `approving ${code} (${offer.kind}, first key ${thumbprint(offer.key.jwk)})`,
      ),
    )
    return send(ask, remote, { type: 'member.approve', body: { code, joining: digest } })
  })
}

/** Runs `member activate CODE`: the approved key proves itself. */
export async function activateMember(ask: Ask): Promise<Answer> {
  const code = ask.operands['CODE'] ?? ''
  const store = storeOf(ask)
  return withReached(ask, { writes: true }, async (remote) => {
    const { digest, offer } = await joiningOf(remote, code)
    const kid = thumbprint(offer.key.jwk)
    const proofs = ask.values['proof']
    const key = store.find(kid)
    if (key === undefined && proofs === undefined) {
      throw new Stop({
        code: 'cli/no-key',
        exit: exits.failure,
        at: kid,
        remedy: text(
          '由新成员签出证明：lianban member prove，再以 --proof 交来',
          'the new member signs the proof: lianban member prove, to be brought with --proof',
        ),
      })
    }
    const ledger = await ledgerOf(remote)
    const proof =
      key === undefined ? (proofs ?? '') : (proofOf(store, key, { ledger, of: digest }).proof ?? '')
    const body = { code, proof }
    return send(ask, remote, { type: 'member.activate', body })
  })
}

/** Runs `member prove CODE`: what the new member hands over to be activated. */
export async function proveMember(ask: Ask): Promise<Answer> {
  const code = ask.operands['CODE'] ?? ''
  const store = storeOf(ask)
  return withReached(ask, { writes: false }, async (remote) => {
    const { digest, offer } = await joiningOf(remote, code)
    const kid = thumbprint(offer.key.jwk)
    const key = store.find(kid)
    if (key === undefined) throw new Stop({ code: 'cli/no-key', exit: exits.failure, at: kid })
    const { proof = '' } = proofOf(store, key, { ledger: await ledgerOf(remote), of: digest })
    return { data: { ok: true, code, kid, proof }, lines: [proof] }
  })
}

/** Runs `member show [CODE]`. */
export async function showMembers(ask: Ask): Promise<Answer> {
  const named = ask.operands['CODE']
  return withReached(ask, { writes: false }, async (remote) => {
    const codes =
      named === undefined
        ? ((await recordOf<Roll>(remote, 'members/ledger/roll'))?.value.all ?? [])
        : [named]
    const members: (Membership | undefined)[] = []
    for (const code of codes) {
      members.push((await recordOf<Membership>(remote, `members/member/${code}`))?.value)
    }
    const found = members.filter((member) => member !== undefined)
    if (named !== undefined && found.length === 0) {
      throw new Stop({ code: 'cli/not-found', exit: exits.failure, at: named })
    }
    return {
      data: { ok: true, members: found },
      lines: tableLines(
        found.map(({ code, kind, state, from, uscc }) => [
          code,
          kind,
          state,
          `${ask.terminal.words('自高度', 'from height')} ${from}`,
          uscc ?? '',
        ]),
      ),
    }
  })
}

/** Runs `restore confirm`: the operator's recorded word that no cosigner can be asked. */
export async function declareRestore(ask: Ask): Promise<Answer> {
  const { layout, beginning } = directoryOf(ask)
  const mark = readRestoreMark(fsDisk(layout.ledger))
  if (mark === null) throw new Stop({ code: 'cli/not-restored', exit: exits.failure })
  if (!ask.flags.has('yes') && ask.values['prepare'] === undefined) {
    throw new Stop({
      code: 'cli/needs-yes',
      exit: exits.usage,
      remedy: text(
        '此声明永久记录在账本上；若曾签过更新的检查点，将构成自相矛盾的证据',
        'this stands on the ledger for ever; if a newer checkpoint was ever signed, it is evidence ' +
          'against you',
      ),
    })
  }
  const body = { size: mark.size, root: mark.root }
  return withReached(ask, { writes: true }, (remote) =>
    send(ask, remote, { type: 'restore.confirm', body, member: beginning.operator }),
  )
}
