// A tokenizer for the XML of workbooks (XML 1.0 without DTD): elements, attributes and text,
// pushed in pieces, with bounds on everything. There are the five entities and character
// references, and no others; a document type is refused, so nothing can be defined, fetched or
// multiplied.
import { Failure } from './codes.ts'

export type XmlHandler = {
  /** Names come without their prefix. */
  readonly open: (name: string, attributes: { readonly [name: string]: string }) => void
  readonly text: (text: string) => void
  readonly close: (name: string) => void
  /** Elements whose attributes are wanted, where those of the others are not to be gone through. */
  readonly heeds?: string
}

const limits = { depth: 64, tokenChars: 1024 * 1024, attributes: 128 } as const

const entities: { readonly [name: string]: string } = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

/** Takes UTF-8 in chunks. Throws a `Failure` at the first thing that is not allowed. Untrusted. */
export class XmlReader {
  readonly #handler: XmlHandler
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  readonly #open: string[] = []
  #rest = ''
  #begun = false

  constructor(handler: XmlHandler) {
    this.#handler = handler
  }

  push(chunk: Uint8Array): void {
    this.#rest += this.#decoded(chunk)
    this.#cut()
  }

  end(): void {
    this.#rest += this.#decoded(undefined)
    this.#cut()
    if (this.#rest.trim() !== '' || this.#open.length > 0 || !this.#begun)
      throw malformed('it is cut off')
  }

  #decoded(chunk: Uint8Array | undefined): string {
    try {
      return chunk === undefined
        ? this.#decoder.decode()
        : this.#decoder.decode(chunk, { stream: true })
    } catch (error) {
      throw malformed('it is not UTF-8', error)
    }
  }

  /** Handles every token that has ended. */
  #cut(): void {
    const text = this.#rest
    let at = 0
    while (at < text.length) {
      const next = text[at] === '<' ? this.#markup(text, at) : this.#content(text, at)
      if (next < 0) break
      at = next
    }
    this.#rest = text.slice(at)
    if (this.#rest.length > limits.tokenChars) throw malformed('a token is too long')
  }

  #content(text: string, at: number): number {
    const end = text.indexOf('<', at)
    if (end < 0) return -1
    const piece = text.slice(at, end)
    if (this.#open.length > 0) this.#handler.text(resolved(piece))
    else if (piece.trim() !== '') throw malformed('text outside the root')
    return end
  }

  #markup(text: string, at: number): number {
    if (text.startsWith('<?', at)) return after(text, '?>', at)
    if (text.startsWith('<!--', at)) return after(text, '-->', at + 4)
    if (text.startsWith('<![CDATA[', at)) {
      const end = after(text, ']]>', at)
      if (end >= 0 && this.#open.length > 0) this.#handler.text(text.slice(at + 9, end - 3))
      return end
    }
    if (text.startsWith('<!', at)) {
      if (text.length - at < 9) return -1
      throw malformed('a document type')
    }
    return this.#tag(text, at)
  }

  #tag(text: string, at: number): number {
    const end = tagEnd(text, at + 1)
    if (end < 0) return -1
    const inner = text.slice(at + 1, end)
    if (inner.startsWith('/')) this.#close(local(inner.slice(1).trim()))
    else this.#start(inner)
    return end + 1
  }

  #start(inner: string): void {
    const alone = inner.endsWith('/')
    const body = alone ? inner.slice(0, -1) : inner
    const name = /^[^\s<>/"'=]+/.exec(body)?.[0] ?? ''
    if (name === '' || (this.#open.length === 0 && this.#begun))
      throw malformed('a second root or no name')
    if (this.#open.length >= limits.depth) throw malformed('it is nested too deep')
    this.#begun = true
    const { heeds } = this.#handler
    const plain = local(name)
    this.#open.push(plain)
    const isHeeded = heeds === undefined || heeds === plain
    this.#handler.open(plain, isHeeded ? attributesOf(body.slice(name.length)) : none)
    if (alone) this.#close(plain)
  }

  #close(name: string): void {
    if (this.#open.pop() !== name) throw malformed('an element ends that has not begun')
    this.#handler.close(name)
  }
}

const none: { readonly [name: string]: string } = Object.freeze({})

function after(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  return at < 0 ? -1 : at + mark.length
}

/** The `>` that ends a tag: not one inside quotation marks. */
function tagEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const char = text[at]
    if (char === '>') return at
    if (char === '<') throw malformed('a tag inside a tag')
    if (char === '"' || char === "'") {
      at = text.indexOf(char, at + 1)
      if (at < 0) return -1
    }
  }
  return -1
}

function attributesOf(text: string): { readonly [name: string]: string } {
  const found: { [name: string]: string } = Object.create(null) as { [name: string]: string }
  const pattern = /\s+([^\s=<>"'/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
  let count = 0
  let end = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    count += 1
    if (count > limits.attributes) throw malformed('too many attributes')
    found[local(match[1] ?? '')] = resolved(match[2] ?? match[3] ?? '')
    end = pattern.lastIndex
  }
  if (text.slice(end).trim() !== '') throw malformed('an attribute without its form')
  return found
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function resolved(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(/&([^;&]{0,10});?/g, (whole, name: string) => {
    const known = Object.hasOwn(entities, name) ? entities[name] : undefined
    const found = whole.endsWith(';') ? (known ?? referenced(name)) : undefined
    if (found === undefined) throw malformed('an entity that is not one of the five')
    return found
  })
}

function referenced(name: string): string | undefined {
  const digits = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name)
  if (digits === null) return undefined
  const point = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16)
  const lone = point >= 0xd800 && point <= 0xdfff
  return point === 0 || point > 0x10ffff || lone ? undefined : String.fromCodePoint(point)
}

function malformed(detail: string, cause?: unknown): Failure {
  return new Failure('sources/xml-malformed', detail, cause)
}
