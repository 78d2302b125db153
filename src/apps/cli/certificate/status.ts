// `lianban certificate status`: what a node says of a certificate, now or on a day. It is the
// node's word; `certificate prove` and `verify` make more of it.
import { dayOfText, startOfDay } from '#blueprint/time'
import { disputedSince, statusesBetween, statusKey } from '#domains/certificates'
import type { CertificateRecord } from '#domains/certificates'
import { exits, Stop, tableLines } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { recordOf } from '#apps/cli/act'
import { withReached } from '#apps/cli/remote'

/** Runs `certificate status HANDLE`. */
export async function showStatus(ask: Ask): Promise<Answer> {
  const handle = ask.operands['HANDLE'] ?? ''
  const span = spanOf(ask)
  return withReached(ask, { writes: false }, async (remote) => {
    const found = await recordOf<CertificateRecord>(remote, statusKey(handle))
    if (found === undefined) {
      throw new Stop({ code: 'cli/not-found', exit: exits.failure, at: handle })
    }
    const record = found.value
    const spells = statusesBetween(record, span.from, span.until)
    const disputed = disputedSince(record) ?? null
    const words = (zh: string, en: string): string => ask.terminal.words(zh, en)
    return {
      data: { ok: true, handle, spells, disputedSince: disputed, record, height: found.height },
      lines: tableLines([
        [words('类型', 'type'), record.type],
        [words('签发单位', 'issuer'), record.issuer],
        ...spells.map(({ status, from }) => [
          words('状态', 'status'),
          `${status} (${new Date(Math.max(from, span.from)).toISOString()})`,
        ]),
        ...(disputed === null
          ? []
          : [[words('异议自', 'disputed since'), new Date(disputed).toISOString()]]),
        [words('依据', 'by'), words('节点自己的说法', 'the word of the node')],
      ]),
    }
  })
}

/** The day in `--on`, or the moment. */
function spanOf({ values }: Ask): { readonly from: number; readonly until: number } {
  const on = values['on']
  if (on === undefined) return { from: Date.now(), until: Date.now() + 1 }
  const day = dayOfText(on)
  if (day !== null) return { from: startOfDay(day), until: startOfDay(day + 1) }
  throw usage('cli/bad-value', '--on', ['请写作 2026-03-01', 'write 2026-03-01'])
}
