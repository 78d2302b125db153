// Signed commands and signed refusals, by a registry snapshot or by evidence of the key. A command
// proves who asked for what; whether the ledger took it is proven by its entry alone.
import { latin1Decode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { encodeCanonical } from '#base/canonical'
import { importPublicKey, thumbprint, verifySignature } from '#base/crypto'
import { commandBytesMax, decodeJws, decodeStrict, decodeSubmission } from '#ledger/command'
import { commandTyp, isMembers, isRefusal } from '#ledger/command'
import type { Command, Jws, Refusal, Value } from '#ledger/command'
import type { KeyRecord, KeyUse } from '#ledger/validate'
import { refusalTyp } from '#adapters/keys'
import type { Terminal } from '#apps/cli/output'
import { keyIn } from './registry.ts'
import type { RegistryView } from './registry.ts'
import type { Finding } from './words.ts'

/** Untrusted. A compact JWS or a submission. */
export function findSigned(
  terminal: Terminal,
  file: Bytes,
  registry: RegistryView,
): Finding | Refusal {
  const text = latin1Decode(file).trimEnd()
  const refusal = decodeJws(text, refusalTyp, commandBytesMax)
  if (!isRefusal(refusal)) return findRefusal(terminal, refusal, registry)
  const command = decodeSubmission(text)
  return isRefusal(command) ? command : findCommand(terminal, command, registry)
}

function findCommand(
  terminal: Terminal,
  command: Command,
  registry: RegistryView,
): Finding | Refusal {
  const key = signerOf(command.jws, 'command', registry)
  if (isRefusal(key)) return key
  const intents = command.intents.flatMap((intent) => intent ?? [])
  const approvals = command.approvals.flat().length
  const form = command.jws.typ === commandTyp ? 'command' : 'envelope'
  return {
    kind: form,
    verdict: registry.proven,
    holds: terminal.words(
      `${key.member} 的命令密钥确实签了这些意图`,
      `the command key of ${key.member} did sign these intents`,
    ),
    rows: [
      ...intents.map(({ type, id }) => [type, id] as const),
      ...keyRows(terminal, key, registry),
      ...(approvals === 0
        ? []
        : ([
            [
              terminal.words('批准', 'approvals'),
              terminal.words(
                `${approvals} 份，由账本在受理时核对，此处未核`,
                `${approvals}, judged by the ledger at admission and not here`,
              ),
            ],
          ] as const)),
    ],
    data: {
      member: key.member,
      kid: key.kid,
      intents: intents.map(({ ledger, id, type, hash, notAfter }) => {
        return { ledger, id, type, hash, notAfter }
      }),
      approvals,
      registry: registry.proven === null ? 'as-given' : 'proven',
    },
  }
}

function findRefusal(terminal: Terminal, jws: Jws, registry: RegistryView): Finding | Refusal {
  const key = signerOf(jws, 'receipt', registry)
  if (isRefusal(key)) return key
  const payload = decodeStrict(jws.payload)
  if (isRefusal(payload) || !isMembers(payload)) return { code: 'cli/unknown-artefact' }
  const { code, at, member, id, hash, time } = payload
  return {
    kind: 'refusal',
    verdict: registry.proven,
    holds: terminal.words(
      `${key.member} 的节点确实拒绝了 ${shown(member)} 的命令`,
      `the node of ${key.member} did refuse a command of ${shown(member)}`,
    ),
    rows: [
      [
        terminal.words('理由', 'reason'),
        at === undefined ? shown(code) : `${shown(code)} [${shown(at)}]`,
      ],
      [terminal.words('命令编号', 'command id'), shown(id)],
      [terminal.words('字节的 SHA-256', 'SHA-256 of the bytes'), shown(hash)],
      [terminal.words('时间', 'time'), typeof time === 'number' ? isoOf(time) : ''],
      ...keyRows(terminal, key, registry),
    ],
    data: { refusal: code, at, member, id, hash, time, kid: key.kid },
  }
}

function shown(value: Value | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : encodeCanonical(value)
}

function isoOf(time: number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString()
}

function keyRows(
  terminal: Terminal,
  key: KeyRecord,
  { proven, height }: RegistryView,
): readonly (readonly [string, string])[] {
  const until = key.until ?? '…'
  const source =
    proven === null
      ? terminal.words(
          `登记快照（高度 ${height}），未经证明`,
          `a registry snapshot (height ${height}), taken as given`,
        )
      : terminal.words(`已证明的登记记录（高度 ${height}）`, `its proven record (height ${height})`)
  return [
    [terminal.words('密钥', 'key'), key.kid],
    [terminal.words('有效高度', 'heights'), `${key.from}–${until}`],
    [terminal.words('密钥依据', 'key known by'), source],
  ]
}

/** The registered key under a JWS, when it is of this use and its signature holds. */
function signerOf(jws: Jws, use: KeyUse, registry: RegistryView): KeyRecord | Refusal {
  const key = keyIn(registry, jws.kid)
  if (key === undefined) return { code: 'cli/unknown-key', at: jws.kid }
  if (key.use !== use) return { code: 'cli/wrong-key-use', at: key.use }
  const known = key.alg === jws.alg ? importPublicKey(key.alg, key.jwk) : null
  // A kid is the key's own thumbprint, so a snapshot cannot put another key under it.
  if (known === null || thumbprint(known.jwk) !== jws.kid) {
    return { code: 'cli/unknown-key', at: jws.kid }
  }
  const holds = verifySignature(known, jws.signingInput, jws.signature)
  return holds ? key : { code: 'cli/bad-signature', at: jws.kid }
}
