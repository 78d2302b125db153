// Entries, frames and histories that must be refused. A history is the golden ledger up to a frame
// that somebody changed and hashed again, so that nothing but its content is wrong.
import { Buffer } from 'node:buffer'
import { bodyOf, digestAfter, framed, singleText, u32 } from './ledger-bytes.ts'
import type { FrameParts } from './ledger-bytes.ts'
import type { Made } from './ledger.ts'
import { bytesOf, flipped, hex } from './material.ts'
import { commandOf, hash64, keyOf } from './signing.ts'

/** Texts that are no entry: `apply/entry`. */
export function invalidEntries(made: readonly Made[]): object[] {
  const single = made[2]!.parts.entries[0]!
  const refused = made[2]!.parts.entries[1]!
  const [envelope, intent] = made[3]!.parts.entries as [string, string]
  const system = made[1]!.parts.entries[0]!
  const cases: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['a list', '[]'],
    ['a space', single.replace(',"h"', ', "h"')],
    ['a newline behind', `${single}\n`],
    ['another version', single.replace('"v":1', '"v":2')],
    ['h before v', single.replace(/^\{"v":1,("h":\d+),/, '{$1,"v":1,')],
    ['a height in quotes', single.replace(/"h":(\d+)/, '"h":"$1"')],
    ['a time with a fraction', single.replace(/("t":\d+)/, '$1.5')],
    ['r before c', single.replace(/("c":"[^"]+"),(.*)\}$/, '$2,$1}')],
    ['w before code', single.replace(/("code":"ok"),("w":"[^"]+")/, '$2,$1')],
    ['o before w', single.replace(/("w":"[^"]+"),("o":\{[^}]*\})/, '$2,$1')],
    ['at before w', refused.replace(/("w":"[^"]+"),("at":"[^"]+")/, '$2,$1')],
    ['no w', single.replace(/,"w":"[^"]+"/, '')],
    ['no code', single.replace(/"code":"ok",/, '')],
    ['a result that is a text', single.replace(/"r":\{.*\}\}$/, '"r":"ok"}')],
    ['a member more', single.replace('"v":1', '"v":1,"x":1')],
    ['a member more in r', single.replace('"code"', '"x":1,"code"')],
    ['one member twice', single.replace('"v":1', '"v":1,"v":1')],
    ['both c and i', single.replace('"c"', '"i":"YQ","c"')],
    ['neither c nor i', single.replace(/"c":"[^"]+",/, '')],
    ['an intent without its envelope', intent.replace(/"e":\{[^}]*\},/, '')],
    [
      'an intent with position before entry',
      intent.replace(/("entry":\d+),("position":\d+)/, '$2,$1'),
    ],
    ['an intent without a result', intent.replace(/,"r":.*$/, '}')],
    ['a system entry without s', system.replace(/,"s":.*$/, '}')],
    ['a system entry whose s is a list', system.replace(/"s":.*$/, '"s":[]}')],
    [
      'a system entry whose members do not rise',
      system.replace(/("height":\d+),("kind":"[^"]+")/, '$2,$1'),
    ],
    ['an envelope with null as c', envelope.replace(/"c":"[^"]+"/, '"c":null')],
    ['a character above ASCII', single.replace('"ok"', '"\u00f8k"')],
    ['an escape', single.replace('"ok"', '"\\u006fk"')],
  ]
  return cases.map(([claim, text]) => ({ claim, text, code: 'apply/entry' }))
}

/** Bytes that are no frame behind the frame with hash `previous`. */
export function invalidFrames(made: readonly Made[]): object[] {
  const { frame, previous, parts } = made[3]!
  const body = bodyOf(parts)
  const form = 'apply/frame-form'
  const wrong = 'apply/frame-hash'
  const again = (changed: Buffer): Buffer => framed(changed, previous)
  const counts = (at: number, value: number): Buffer =>
    again(Buffer.concat([body.subarray(0, at), u32(value), body.subarray(at + 4)]))
  const length = (value: number): Buffer =>
    Buffer.concat([frame.subarray(0, 4), u32(value), frame.subarray(8)])
  const cases: readonly (readonly [string, Buffer, string, Buffer?])[] = [
    ['nothing', Buffer.alloc(0), form],
    ['a header alone', frame.subarray(0, 40), form],
    ['another magic', Buffer.concat([Buffer.from('LBF2'), frame.subarray(4)]), form],
    ['one byte less', frame.subarray(0, -1), form],
    ['one byte more', Buffer.concat([frame, Buffer.of(0)]), form],
    ['a length that is one less', length(body.length - 1), form],
    ['a length that is one more', length(body.length + 1), form],
    ['a length above 64 MiB', length(0xffff_ffff), form],
    ['a body shorter than its fixed part', again(body.subarray(0, 95)), form],
    ['a bit in the hash', flipped(frame, 8), wrong],
    ['a bit in the height', flipped(frame, 47), wrong],
    ['a bit in the last write', flipped(frame, frame.length - 2), wrong],
    ['behind another frame', frame, wrong, made[3]!.hash],
    ['behind no frame', frame, wrong, Buffer.alloc(32)],
    ['one entry more than there are', counts(88, parts.entries.length + 1), form],
    ['one entry less than there are', counts(88, parts.entries.length - 1), form],
    ['four billion entries', counts(88, 0xffff_ffff), form],
    ['a document that is not there', counts(92, 1), form],
    ['a byte behind the last part', again(Buffer.concat([body, Buffer.of(0)])), form],
    ['an entry longer than the body', again(withEntryLength(body, 0xffff)), form],
    ['a height of 2^53', again(withHeight(body)), form],
  ]
  return cases.map(([claim, bytes, code, behind = previous]) => ({
    claim,
    previous: hex(behind),
    frame: hex(bytes),
    code,
  }))
}

function withEntryLength(body: Buffer, length: number): Buffer {
  const copy = Buffer.from(body)
  copy.writeUInt16BE(length, 96)
  return copy
}

function withHeight(body: Buffer): Buffer {
  const copy = Buffer.from(body)
  copy.writeBigUInt64BE(2n ** 53n, 0)
  return copy
}

type Change = Partial<FrameParts>
type Alter = (
  claim: string,
  height: number,
  what: string,
  change: (parts: FrameParts) => Change,
) => object

/** Frames whose bytes are whole and whose content is not what the commands before them give. */
export function invalidHistories(made: readonly Made[]): object[] {
  const of: Alter = (claim, height, what, change) => {
    const { parts, previous } = made[height - 1]!
    const changed = { ...parts, ...change(parts) }
    const before = made[height - 2]!.parts.stateDigest
    const fits = changed.stateDigest.equals(parts.stateDigest)
    const stateDigest = fits ? digestAfter(before, changed.writes) : changed.stateDigest
    return {
      claim,
      height,
      frame: hex(framed(bodyOf({ ...changed, stateDigest }), previous)),
      what,
    }
  }
  return [...places(of, made), ...contents(of), ...signatures(of, made), ...roots(of, made)]
}

function places(of: Alter, made: readonly Made[]): object[] {
  return [
    of('a height left out', 3, 'height', ({ height }) => ({ height: height + 1 })),
    of('an index left out', 3, 'height', ({ firstEntry }) => ({ firstEntry: firstEntry + 1 })),
    of('time that goes back', 3, 'time', () => ({ time: made[1]!.parts.time - 1 })),
    of('another digest', 3, 'digest', () => ({ stateDigest: bytesOf('ledger/digest') })),
    of('an intent without its envelope', 4, 'commands', (parts) => ({
      entries: parts.entries.slice(1),
      writes: parts.writes.slice(1),
    })),
    of('an intent of another position', 4, 'commands', ({ entries: [envelope, intent, last] }) => ({
      entries: [envelope!, intent!.replace('"position":0', '"position":1'), last!],
    })),
    of('an opening left out', 10, 'entries', (parts) => ({
      entries: parts.entries.slice(1),
      writes: parts.writes.slice(1),
    })),
  ]
}

/** The parts with another first entry. */
const first = ({ entries }: FrameParts, text: string): Change => ({
  entries: [text, ...entries.slice(1)],
})

const lied = (writes: readonly string[], at: number, text: string): string[] =>
  writes.map((each, index) => (index === at ? text : each))

function contents(of: Alter): object[] {
  return [
    of('another outcome', 3, 'entries', (parts) =>
      first(parts, parts.entries[0]!.replace('"count":1', '"count":2')),
    ),
    of('a refusal made an ok', 3, 'entries', ({ entries: [one, refused] }) => ({
      entries: [one!, refused!.replace('notes/negative', 'ok').replace(/,"at":"[^"]+"/, '')],
    })),
    of('another record, its hash in the entry made to fit', 3, 'entries', (parts) => {
      const text = parts.writes[0]!.replace('"value":1', '"value":9')
      const entry = parts.entries[0]!.replace(hash64(parts.writes[0]!), hash64(text))
      return { ...first(parts, entry), writes: lied(parts.writes, 0, text) }
    }),
    of('a budget that was not counted', 3, 'writes', ({ writes, entries }) => ({
      writes: lied(writes, entries.length, '[]'),
    })),
    of('a record that no command wrote', 9, 'writes', () => ({
      writes: ['[["notes/current/z",{"count":1,"value":1}]]'],
    })),
    of('a document exchanged', 5, 'not-admitted', () => ({ documents: [Buffer.from('x')] })),
    of('a document that nobody named', 5, 'documents', ({ documents }) => ({
      documents: [...documents, Buffer.from('x')],
    })),
  ]
}

const jwsIn = ({ entries }: FrameParts): string => /"c":"([^"]+)"/.exec(entries[0]!)![1]!

function signatures(of: Alter, made: readonly Made[]): object[] {
  return [
    of('signed by a key that nobody registered', 3, 'not-admitted', (parts) => {
      const payload = Buffer.from(jwsIn(parts).split('.')[1]!, 'base64url').toString()
      const { intent } = JSON.parse(payload) as { readonly intent: string }
      const jws = commandOf(keyOf('stranger'), Buffer.from(intent, 'base64url').toString())
      return first(parts, parts.entries[0]!.replace(jwsIn(parts), jws))
    }),
    of('a signature of another command', 3, 'not-admitted', (parts) => {
      const [, , other] = jwsIn(made[3]!.parts).split('.')
      const [header, payload] = jwsIn(parts).split('.')
      const jws = `${header}.${payload}.${other}`
      return first(parts, parts.entries[0]!.replace(jwsIn(parts), jws))
    }),
    of('a command for the second time', 4, 'not-admitted', (parts) => {
      const result = { code: 'ok', outcome: { count: 1 } }
      const entry = singleText(parts, jwsIn(made[2]!.parts), result, parts.writes[1]!)
      return { entries: [entry], writes: [parts.writes[1]!, parts.writes.at(-1)!] }
    }),
  ]
}

function roots(of: Alter, made: readonly Made[]): object[] {
  return [
    of('roots left out', 6, 'entries', ({ entries, writes }) => ({
      entries: entries.slice(0, -1),
      writes: [writes[0]!, writes.at(-1)!],
    })),
    of('a root of something else', 6, 'entries', ({ entries: [one, system] }) => ({
      entries: [one!, system!.replace(/"now":"[^"]+"/, `"now":"${hash64('x')}"`)],
    })),
    of('a checkpoint at another size', 6, 'writes', ({ writes }) => ({
      writes: lied(writes, 2, writes[2]!.replace('"size":11', '"size":10')),
    })),
    of('roots before their time', 9, 'entries', ({ writes }) => ({
      entries: [made[7]!.parts.entries[0]!.replace('"h":8', '"h":9')],
      writes: ['[]', ...writes],
    })),
  ]
}
