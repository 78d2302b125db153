// `lianban certificate issue`: a certificate signed with the member's certificate key that lies
// here. It is written to its file before the command is sent, because signed again it would be
// another certificate.
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { utf8Decode } from '#base/bytes'
import { readJsonText } from '#blueprint/grammar'
import { isRefusal } from '#ledger/command'
import type { Value } from '#ledger/command'
import { keyKey } from '#ledger/validate'
import type { KeyRecord } from '#ledger/validate'
import type { JsonObject } from '#domains/certificates'
import { exits, Stop } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { readBounded, timeOption, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { ledgerOf, recordOf, send, storeOf } from '#apps/cli/act'
import { withReached } from '#apps/cli/remote'
import type { Remote } from '#apps/cli/remote'
import { prepareCertificate } from '#apps/node/certificates'
import type { PreparedCertificate } from '#apps/node/certificates'

const fieldsBytesMax = 65_536

/** Runs `certificate issue TYPE FIELDS --out FILE`. */
export async function issueCertificate(ask: Ask): Promise<Answer> {
  const { TYPE: type = '', FIELDS: path = '-' } = ask.operands
  const out = ask.values['out']
  if (out === undefined) {
    throw usage('cli/missing-option', '--out', ['请加 --out FILE', 'add --out FILE'])
  }
  const fields = fieldsIn(path)
  return withReached(ask, { writes: true }, async (remote) => {
    const prepared = await prepare(ask, remote, { type, fields })
    fs.writeFileSync(out, prepared.credential, { mode: 0o600, flag: 'wx' })
    const { body, handle, digest } = prepared
    const answer = await send(ask, remote, { type: 'certificate.issue', body })
    const { terminal } = ask
    return {
      ...answer,
      data: { ...answer.data, file: out, handle, digest },
      lines: [
        ...answer.lines,
        terminal.words(`证照已写入 ${out}，编号 ${handle}`, `wrote ${out}, handle ${handle}`),
      ],
    }
  })
}

function fieldsIn(path: string): JsonObject {
  const read = readJsonText(utf8Decode(readBounded(path, fieldsBytesMax)) ?? '')
  const value = 'value' in read ? read.value : null
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    if (Object.keys(value).length > 0) return value as JsonObject
  }
  throw usage('cli/bad-value', path, ['须为一个 JSON 对象', 'one JSON object is needed'])
}

async function prepare(
  ask: Ask,
  remote: Remote,
  of: { readonly type: string; readonly fields: JsonObject },
): Promise<PreparedCertificate> {
  const keys = storeOf(ask)
  const wanted = ask.values['as']
  const fitting = keys
    .list()
    .filter(({ use, member }) => use === 'certificate' && (wanted ?? member) === member)
  const records = new Map<string, Value>()
  let height = 0
  for (const { kid } of fitting) {
    const found = await recordOf<KeyRecord>(remote, keyKey(kid))
    if (found === undefined) continue
    records.set(keyKey(kid), found.value as unknown as Value)
    height = found.height
  }
  const member = fitting[0]?.member ?? ''
  const ledger = await ledgerOf(remote)
  const port = {
    ledger,
    member,
    // The page of the list is not read here: a place that is taken is refused, and drawn again.
    view: () => ({ get: (key: string) => records.get(key) }),
    head: () => ({ height: height + 1, size: 0, time: Date.now() }),
  }
  const until = ask.values['until'] === undefined ? {} : { until: timeOption(ask, 'until', 0) }
  // No case stands behind a certificate that is made by hand: the commitment opens to nothing.
  const nothing = randomBytes(32).toString('base64url')
  const prepared = prepareCertificate(port, keys, { ...of, case: nothing, ...until })
  if (!isRefusal(prepared)) return prepared
  throw new Stop({ code: 'cli/no-key', exit: exits.failure, at: wanted ?? 'certificate' })
}
