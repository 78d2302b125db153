// The settings of a node, as one table: names, kinds, bounds, defaults and what they are for. The
// flag, the variable of the environment and the key in the file follow from the name, so there is
// no setting that exists in one of them alone.

/** The kind of a setting's value. Counts are integers with inclusive bounds. */
export type Kind =
  | { readonly k: 'text' }
  | { readonly k: 'path' }
  | { readonly k: 'count'; readonly min: number; readonly max: number }
  | { readonly k: 'choice'; readonly of: readonly string[] }
  /** Never printed; may come from a file named by the same setting with `-file`. */
  | { readonly k: 'secret' }

export type Setting = {
  /** Words joined by dots: the part before the dot is the table in the file. */
  readonly name: string
  readonly kind: Kind
  /** As text; absent where the node goes without. */
  readonly fallback?: string
  readonly about: string
}

const text: Kind = { k: 'text' }
const path: Kind = { k: 'path' }

function count(min: number, max: number): Kind {
  return { k: 'count', min, max }
}

const port = count(0, 65_535)
const seconds = count(1, 3600)

/** Every setting, in the order in which they are shown. */
export const settings: readonly Setting[] = [
  { name: 'directory', kind: path, about: 'where the ledger, its keys and its token lie' },
  {
    name: 'listen.host',
    kind: text,
    fallback: '127.0.0.1',
    about: 'address of the plain listener; what is not loopback needs a proxy that ends TLS',
  },
  { name: 'listen.port', kind: port, fallback: '7480', about: 'its port; 0 takes a free one' },
  {
    name: 'members.host',
    kind: text,
    fallback: '127.0.0.1',
    about: 'address of the listener for members, by mutual TLS',
  },
  {
    name: 'members.port',
    kind: port,
    about: 'its port; without one there is no listener for members',
  },
  { name: 'keys.directory', kind: path, about: 'where the keys lie; DIRECTORY/keys when absent' },
  { name: 'keys.passphrase', kind: { k: 'secret' }, about: 'opens sealed keys' },
  {
    name: 'operator.token-file',
    kind: path,
    about: 'the local operator’s token, made when absent; DIRECTORY/operator.token when absent',
  },
  {
    name: 'cosigners',
    kind: text,
    about:
      'cosigners to ask before anything is signed: URLs, each with a vkey behind it if its key is ' +
      'not registered, with commas between',
  },
  {
    name: 'verify.threads',
    kind: count(0, 64),
    about: 'threads that check signatures; two a processor when absent, 0 for none',
  },
  {
    name: 'snapshot.entries',
    kind: count(1000, 100_000_000),
    fallback: '100000',
    about: 'entries between two snapshots of the state',
  },
  {
    name: 'sources.seconds',
    kind: count(0, 86_400),
    fallback: '5',
    about: 'how often departments of the practice city look at their own sources; 0 for never',
  },
  {
    name: 'limits.connections',
    kind: count(1, 1_000_000),
    fallback: '4096',
    about: 'connections at a time; further ones are dropped',
  },
  {
    name: 'limits.event-streams',
    kind: count(0, 100_000),
    fallback: '1024',
    about: 'event streams at a time',
  },
  {
    name: 'limits.stream-waiting',
    kind: count(1, 100_000),
    fallback: '1024',
    about: 'submissions of one stream that may wait for their answer',
  },
  {
    name: 'limits.headers-seconds',
    kind: seconds,
    fallback: '10',
    about: 'by when the headers of a request must have come',
  },
  {
    name: 'limits.body-seconds',
    kind: seconds,
    fallback: '30',
    about: 'by when a body, or the next line of a stream, must have come',
  },
  {
    name: 'limits.keep-alive-seconds',
    kind: seconds,
    fallback: '15',
    about: 'how long a connection may be idle',
  },
  {
    name: 'limits.heartbeat-seconds',
    kind: seconds,
    fallback: '15',
    about: 'a quiet event stream says that it lives this often',
  },
  {
    name: 'limits.stalled-seconds',
    kind: seconds,
    fallback: '60',
    about: 'a reader of events that takes nothing for so long is cut',
  },
  {
    name: 'stop.grace-seconds',
    kind: seconds,
    fallback: '20',
    about: 'how long a stop waits for answers on their way',
  },
  {
    name: 'log.form',
    kind: { k: 'choice', of: ['auto', 'json', 'human'] },
    fallback: 'auto',
    about: 'JSON lines or sentences; auto gives sentences on a terminal',
  },
  {
    name: 'log.from',
    kind: { k: 'choice', of: ['info', 'warn', 'error'] },
    fallback: 'info',
    about: 'the least level that is written',
  },
]

/** `listen.port` as `--listen-port`, without the dashes. */
export function flagOf(name: string): string {
  return name.replaceAll('.', '-')
}

/** `listen.port` as `LIANBAN_LISTEN_PORT`. */
export function variableOf(name: string): string {
  return `LIANBAN_${name.replaceAll(/[.-]/g, '_').toUpperCase()}`
}

/** Variables of the environment that other programs of the house read. */
export const otherVariables: readonly string[] = ['LIANBAN_LANG', 'LIANBAN_CONFIG']
