// The ways to other members, waited for with patience that ends: whoever is silent holds up one
// case for some seconds and not until his time is over. What was asked goes on behind; what it
// brings lies in the vault when the case is looked at again, and nothing is asked twice at one
// time.
import type { Json } from '#base/canonical'
import { encodeCanonical } from '#base/canonical'
import { sha256Text } from '#base/crypto'
import type { Clock, Ways } from '#apps/node/casework'

/** Milliseconds that one look at a case waits for another member. */
export const patienceMs = 3_000

/** Ways that answer `node/peer-silent` when a member takes longer than that. */
export function patiently(ways: Ways, clock: Pick<Clock, 'after'>, ms: number = patienceMs): Ways {
  const running: Map<string, Promise<unknown>> = new Map()
  const within = async <T>(key: string, deed: () => Promise<T>, silent: T): Promise<T> => {
    let one = running.get(key) as Promise<T> | undefined
    if (one === undefined) {
      one = deed().finally(() => running.delete(key))
      running.set(key, one)
    }
    let forget = (): void => undefined
    const over = new Promise<T>((resolve) => {
      forget = clock.after(ms, () => resolve(silent))
    })
    try {
      return await Promise.race([one, over])
    } finally {
      forget()
    }
  }
  return {
    ask: (wanted) => {
      const key = `ask ${wanted.permit} ${wanted.owner} ${wanted.names.join(' ')}`
      return within(key, () => ways.ask(wanted), { declined: 'node/peer-silent' })
    },
    tell: (member, path, json) => {
      const key = `tell ${member} ${path} ${hashOf(json)}`
      return within(key, () => ways.tell(member, path, json), { refused: 'node/peer-silent' })
    },
  }
}

function hashOf(json: Json): string {
  return sha256Text(encodeCanonical(json), 'base64url')
}
