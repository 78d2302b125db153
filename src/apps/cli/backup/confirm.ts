// `lianban backup confirm`: what ends the silence of a restored directory. A cosigner that says,
// after the restore, that it knows of no larger tree than ours has looked; where no cosigner can be
// asked, the operator says so by a recorded command, and the ledger shows for ever who did. It
// promises that nothing counts which this directory could have signed itself.
import fs from 'node:fs'
import { base64urlEncode } from '#base/bytes'
import type { Bytes } from '#base/bytes'
import { isRefusal } from '#ledger/command'
import { isSignedUnder, judge, parseSignedCheckpoint, rootAt } from '#ledger/prove'
import { verifyCosignature } from '#ledger/prove'
import type { Checkpoint, Cosigner, NoteKey, SignedNote, TrustPolicy } from '#ledger/prove'
import type { KeyRecord } from '#ledger/validate'
import { fsDisk } from '#adapters/storage'
import { HttpClient, latestOf } from '#adapters/transport'
import { exits, Stop, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { readBounded, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { directoryOf, keysOf, withLedger } from '#apps/cli/directory'
import type { OpenedLedger } from '#apps/cli/directory'
import { readPolicy } from '#apps/cli/verify'
import type { Layout } from '#apps/node/config'
import { isConfirmedBy, readRestoreMark, writeRestoreMark } from '#apps/node/restore'
import type { RestoreMark } from '#apps/node/restore'

/** Runs `backup confirm`. */
export async function confirmRestore(ask: Ask): Promise<Answer> {
  const { layout } = directoryOf(ask)
  const mark = readRestoreMark(fsDisk(layout.ledger))
  if (mark === null) {
    throw new Stop({ code: 'cli/not-restored', exit: exits.failure, at: layout.ledger })
  }
  if (mark.confirmed !== undefined) return already(ask, mark)
  if (ask.values['policy'] === undefined) throw needs()
  const policy = readPolicy(ask.values['policy'])
  const cosigners = othersIn(policy, ask, layout)
  const said = await saidOf(ask, mark, { policy, cosigners })
  return withLedger(ask, { writes: false }, (opened) => confirm(ask, opened, { mark, said }))
}

function needs(): Stop {
  return usage('cli/missing-option', '--policy', [
    '请加 --policy FILE 与 --cosigned FILE 或 --ask；无共签方可问时用 lianban restore confirm',
    'add --policy FILE and --cosigned FILE or --ask; without a cosigner: lianban restore confirm',
  ])
}

function already({ terminal }: Ask, { confirmed }: RestoreMark): Answer {
  return {
    data: { ok: true, confirmed },
    lines: [terminal.words('已确认过', 'it was confirmed before')],
  }
}

/** The cosigners of a policy whose keys are neither hosted nor held here. */
function othersIn(policy: TrustPolicy, ask: Ask, layout: Layout): readonly Cosigner[] {
  const path = ask.values['keys'] ?? layout.keys
  const held = fs.existsSync(path) ? keysOf(ask, layout).list() : []
  const own = new Set(held.map(({ jwk }) => (jwk.kty === 'OKP' ? jwk.x : '')))
  return policy.cosigners.filter(({ role, key }) => {
    return role !== 'hosted' && !own.has(base64urlEncode(key.publicKey))
  })
}

/** What a cosigner said last of this log, and when. */
type Said = {
  readonly by: string
  readonly key: NoteKey
  readonly latest: Checkpoint
  readonly seconds: number
}

/** Whom the operator trusts, and those of them whose word is not our own. */
type Trusted = { readonly policy: TrustPolicy; readonly cosigners: readonly Cosigner[] }

async function saidOf(ask: Ask, mark: RestoreMark, trusted: Trusted): Promise<readonly Said[]> {
  const path = ask.values['cosigned']
  if (path !== undefined) return saidIn(readBounded(path, noteBytesMax), mark, trusted)
  if (!ask.flags.has('ask')) throw needs()
  const said: Said[] = []
  for (const { name, key, url } of trusted.cosigners) {
    if (url === null) continue
    const client = new HttpClient({ servers: [{ origin: new URL(url).origin }] })
    try {
      const latest = await latestOf(client, { url, key }, mark.ledger)
      // A cosigner that has never seen this log has nothing newer; it confirms nothing either.
      if (latest === null) continue
      const seconds = Math.floor(Date.now() / 1000)
      said.push({ by: name, key, latest: latest.checkpoint, seconds })
    } finally {
      client.close()
    }
  }
  return said
}

const noteBytesMax = 262_145

/** Cosigners of the policy whose line stands under the note, dated after the restore. */
function saidIn(note: Bytes, mark: RestoreMark, trusted: Trusted): readonly Said[] {
  const judged = judge({ policy: trusted.policy, note, nowMs: Date.now() })
  if (isRefusal(judged)) throw new Stop({ code: judged.code, exit: exits.unverified })
  const signed = parseSignedCheckpoint(note)
  if (signed === null) return []
  return trusted.cosigners.flatMap((cosigner) => {
    const seconds = secondsOf(cosigner, signed.note)
    // An old cosignature says what was so before the restore, and that is not the question.
    if (seconds === null || seconds * 1000 < mark.restored) return []
    return [{ by: cosigner.name, key: cosigner.key, latest: signed.checkpoint, seconds }]
  })
}

function secondsOf({ key }: Cosigner, note: SignedNote): number | null {
  const line = note.signatures.find((one) => isSignedUnder(key, one))
  return line === undefined ? null : verifyCosignature(key, note.text, line.signature)
}

type Confirming = { readonly mark: RestoreMark; readonly said: readonly Said[] }

function confirm({ terminal }: Ask, opened: OpenedLedger, { mark, said }: Confirming): Answer {
  const { host, directory } = opened
  const hosted = new Set(host.registry.keys().filter(isHosted).map(pointOf))
  const [first] = said.filter(({ key }) => !hosted.has(base64urlEncode(key.publicKey)))
  if (first === undefined) throw unconfirmed()
  for (const { by, latest } of said) {
    const { size } = latest
    const own = size <= host.head().size ? rootAt(host.proofs.nodes(), size) : null
    const ownRoot = own === null ? null : base64urlEncode(own)
    const root = base64urlEncode(latest.root)
    if (!isConfirmedBy({ by, size, root, ownRoot })) throw behind(by, size)
  }
  const { by, latest, seconds } = first
  const confirmed = { by, size: latest.size, time: seconds * 1000 }
  writeRestoreMark(fsDisk(directory.layout.ledger), { ...mark, confirmed })
  return {
    data: { ok: true, confirmed },
    lines: [
      terminal.words(
        `${by} 在恢复之后确认其最新大小为 ${latest.size}，与本账本一致；可以签检查点`,
        `${by} has confirmed since the restore that its latest size is ${latest.size}, as here; ` +
          'checkpoints may be signed',
      ),
    ],
  }
}

/** A key in the platform's custody speaks for the platform, whoever has put it into a policy. */
function isHosted({ custody }: KeyRecord): boolean {
  return custody === 'hosted'
}

function pointOf({ jwk }: KeyRecord): string {
  return jwk.kty === 'OKP' ? jwk.x : ''
}

function unconfirmed(): Stop {
  return new Stop({
    code: 'cli/unconfirmed',
    exit: exits.unverified,
    remedy: text(
      '请共签方在恢复之后重新共签（lianban follow URL --once），或由运营方声明：lianban restore confirm',
      'let a cosigner cosign again after the restore (lianban follow URL --once), or declare it by ' +
        'a recorded command: lianban restore confirm',
    ),
  })
}

function behind(by: string, size: number): Stop {
  return new Stop({
    code: 'cli/behind-checkpoint',
    exit: exits.unverified,
    at: `${by}: size ${size}`,
    remedy: text(
      '此备份比已签的历史旧：从更新的备份或跟随者恢复，切勿签名',
      'this backup is older than what was signed: restore a newer one or from a follower, and ' +
        'do not sign',
    ),
  })
}
