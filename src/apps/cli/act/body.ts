// `lianban command send TYPE FILE`: a command of any type from the JSON of its body. The ledger's
// own schema decides whether the body fits; nothing is repaired here.
import { latin1Decode } from '#base/bytes'
import { decodeStrict, isMembers, isRefusal } from '#ledger/command'
import type { Members } from '#ledger/command'
import type { Answer } from '#apps/cli/output'
import { readBounded, usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { withReached } from '#apps/cli/remote'
import { send } from './send.ts'

const bodyBytesMax = 65_536

/** Runs `command send TYPE FILE`. */
export async function sendBody(ask: Ask): Promise<Answer> {
  const { TYPE: type = '', FILE: path = '-' } = ask.operands
  const body = bodyIn(path)
  return withReached(ask, { writes: true }, (remote) => send(ask, remote, { type, body }))
}

function bodyIn(path: string): Members {
  const value = decodeStrict(latin1Decode(readBounded(path, bodyBytesMax)).trim())
  if (!isRefusal(value) && isMembers(value)) return value
  throw usage('cli/bad-value', path, [
    '须为一个 JSON 对象，无空白、无转义',
    'one JSON object is needed, without white space and escapes',
  ])
}
