// A ZIP container as far as workbooks need it (APPNOTE 6.3.9, stored and deflated members), read by
// its directory. Sizes, checksums and places must agree with the directory; what unpacks to more
// than a stated size, or to far more than it was packed from, is refused while it unpacks.
import fs from 'node:fs/promises'
import { createInflateRaw, crc32 } from 'node:zlib'
import { Failure } from './codes.ts'

export type Member = {
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly offset: number
}

const limits = {
  members: 10_000,
  directoryBytes: 4 * 1024 * 1024,
  /** Unpacked bytes for each packed one, beyond the first megabyte. */
  ratio: 250,
} as const

const endBytes = 22

/** An open container. Close it. Untrusted. */
export class Zip {
  readonly #file: fs.FileHandle
  readonly members: ReadonlyMap<string, Member>
  /** Where the directory begins, which ends the members. */
  readonly #directory: number

  constructor(file: fs.FileHandle, members: ReadonlyMap<string, Member>, directory: number) {
    this.#file = file
    this.members = members
    this.#directory = directory
  }

  static async open(path: string): Promise<Zip> {
    const file = await fs.open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      throw new Failure('sources/not-read', error.code ?? 'unknown', error)
    })
    try {
      const { offset, bytes, count } = await directoryOf(file)
      return new Zip(file, membersOf(bytes, count, offset), offset)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** Gives the bytes of a member, at most `most`; count and checksum are checked at the end. */
  async unpack(member: Member, most: number, take: (chunk: Uint8Array) => void): Promise<void> {
    if (member.size > most)
      throw new Failure('sources/too-large', `${member.name} unpacks to ${member.size} bytes`)
    const allowed = 1024 * 1024 + member.packed * limits.ratio
    let size = 0
    let crc = 0
    for await (const chunk of this.#bytesOf(member)) {
      size += chunk.length
      if (size > member.size) throw damaged(`${member.name} unpacks to more than it says`)
      if (size > allowed) throw new Failure('sources/zip-bomb', member.name)
      crc = crc32(chunk, crc)
      take(chunk)
    }
    if (size !== member.size || crc !== member.crc)
      throw damaged(`${member.name} is not what it was`)
  }

  async *#bytesOf(member: Member): AsyncGenerator<Uint8Array> {
    const from = await this.#dataOf(member)
    const packed = this.#slices(from, member.packed)
    if (member.method === 0) {
      yield* packed
      return
    }
    const inflate = createInflateRaw()
    const feeding = feed(inflate, packed)
    try {
      for await (const chunk of inflate) yield chunk as Uint8Array
      await feeding
    } catch (error) {
      throw error instanceof Failure ? error : damaged(`${member.name} does not unpack`, error)
    } finally {
      inflate.destroy()
      await feeding.catch(() => {})
    }
  }

  /** Where the bytes of a member begin, after its own header and before the directory. */
  async #dataOf(member: Member): Promise<number> {
    const header = await read(this.#file, member.offset, 30)
    if (header.readUInt32LE(0) !== 0x04034b50) throw damaged(`${member.name} has no header`)
    const from = member.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
    if (from + member.packed > this.#directory)
      throw damaged(`${member.name} goes beyond its place`)
    return from
  }

  async *#slices(from: number, length: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < length; at += 65_536) {
      yield await read(this.#file, from + at, Math.min(65_536, length - at))
    }
  }
}

async function feed(
  inflate: ReturnType<typeof createInflateRaw>,
  packed: AsyncGenerator<Uint8Array>,
): Promise<void> {
  for await (const chunk of packed) {
    if (inflate.destroyed) return
    if (!inflate.write(chunk)) await drained(inflate)
  }
  inflate.end()
}

async function drained(inflate: ReturnType<typeof createInflateRaw>): Promise<void> {
  await new Promise<void>((resolve) => {
    const go = (): void => {
      inflate.off('drain', go)
      inflate.off('close', go)
      resolve()
    }
    inflate.on('drain', go)
    inflate.on('close', go)
  })
}

async function read(file: fs.FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, offset)
  if (bytesRead < length) throw damaged('the file ends too early')
  return bytes
}

type Directory = { readonly offset: number; readonly bytes: Buffer; readonly count: number }

/** Finds the end record (APPNOTE 4.3.16), whose comment may be 65,535 bytes long. */
async function directoryOf(file: fs.FileHandle): Promise<Directory> {
  const { size } = await file.stat()
  const length = Math.min(size, endBytes + 65_535)
  const tail = await read(file, size - length, length)
  const at = tail.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'))
  if (at < 0 || at + endBytes > tail.length) throw damaged('no directory')
  const count = tail.readUInt16LE(at + 10)
  const bytes = tail.readUInt32LE(at + 12)
  const offset = tail.readUInt32LE(at + 16)
  if (count > limits.members || bytes > limits.directoryBytes) {
    throw new Failure('sources/too-large', 'too many members')
  }
  if (offset + bytes > size - length + at) throw damaged('the directory lies outside')
  return { offset, bytes: await read(file, offset, bytes), count }
}

function membersOf(bytes: Buffer, count: number, directory: number): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>()
  let at = 0
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50)
      throw damaged('a cut directory')
    const next =
      at +
      46 +
      bytes.readUInt16LE(at + 28) +
      bytes.readUInt16LE(at + 30) +
      bytes.readUInt16LE(at + 32)
    const name = bytes
      .toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28))
      .replaceAll('\\', '/')
    const member = {
      name,
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    }
    if ((bytes.readUInt16LE(at + 8) & 1) !== 0) throw new Failure('sources/encrypted', name)
    if (member.method !== 0 && member.method !== 8)
      throw damaged(`${name} is packed in an unknown way`)
    if (members.has(name)) throw damaged(`${name} stands twice`)
    members.set(name, member)
    at = next
  }
  refuseOverlaps([...members.values()], directory)
  return members
}

/** Members that share bytes can make a small file unpack to any size. */
function refuseOverlaps(members: readonly Member[], directory: number): void {
  const sorted = members.toSorted((a, b) => a.offset - b.offset)
  for (const [at, { name, offset, packed }] of sorted.entries()) {
    const next = sorted[at + 1]?.offset ?? directory
    if (offset + 30 + packed > next) throw damaged(`${name} overlaps what follows`)
  }
}

function damaged(detail: string, cause?: unknown): Failure {
  return new Failure('sources/zip-damaged', detail, cause)
}
