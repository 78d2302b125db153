// The setting `cosigners`: who is asked, before a node signs, how far the ledger had come. It
// promises that a list of which one item cannot be used is refused whole: a cosigner that is left
// out unnoticed protects nobody.
import { parseVkey } from '#ledger/prove'
import type { NoteKey } from '#ledger/prove'
import type { Config } from './read.ts'
import { ConfigRefusal } from './read.ts'

/** One item of the list. */
export type ConfiguredCosigner = {
  /** Prefix of its addresses, without a slash at the end. */
  readonly url: string
  /** Null where the keys count that the ledger registers. */
  readonly key: NoteKey | null
}

const cosignersMax = 32

/** The list, empty when none is configured. Throws `ConfigRefusal`. */
export function configuredCosigners(config: Config): readonly ConfiguredCosigner[] {
  const found = config.find('cosigners')
  if (found === undefined) return []
  const refuse = (item: string): ConfigRefusal => {
    const remedy = `"${item}" is not one of at most ${cosignersMax} URLs, each with at most a vkey`
    return new ConfigRefusal('node/bad-setting', found.source, remedy)
  }
  const items = found.value.split(',').map((item) => item.trim())
  const cosigners = items.map((item) => {
    const cosigner = cosignerIn(item)
    if (cosigner === null) throw refuse(item)
    return cosigner
  })
  const urls = new Set(cosigners.map(({ url }) => url))
  if (urls.size < cosigners.length || urls.size > cosignersMax) throw refuse(found.value)
  return cosigners
}

function cosignerIn(item: string): ConfiguredCosigner | null {
  const [address = '', vkey, ...rest] = item.split(/[ \t]+/)
  const url = URL.parse(address)
  const key = vkey === undefined ? null : parseVkey(vkey)
  if (url === null || rest.length > 0 || (vkey !== undefined && key?.use !== 'cosignature')) {
    return null
  }
  const web = url.protocol === 'http:' || url.protocol === 'https:'
  if (!web || url.username + url.password + url.search + url.hash !== '') return null
  return { url: `${url.origin}${url.pathname}`.replace(/\/+$/, ''), key }
}
