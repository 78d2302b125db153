// Files that are read and written whole: the newest signed checkpoint, and documents by their hash.
// A checkpoint is replaced at once or not at all, and never by an older one.
import { Defect } from '#base/assert'
import type { Bytes } from '#base/bytes'
import type { Disk } from './disk.ts'
import type { Sealed } from './chunk-log.ts'

export type KeptCheckpoint = {
  /** Tree size that the note speaks of. */
  readonly size: number
  /** The signed note, ASCII and UTF-8 text as published. */
  readonly text: string
}

export class CheckpointStore {
  get newest(): KeptCheckpoint | null {
    throw new Defect('not built')
  }

  /** Replaces the checkpoint; durable when the promise is kept. Calls do not overlap. */
  save(_checkpoint: KeptCheckpoint): Promise<void> {
    throw new Defect('not built')
  }
}

export function openCheckpointStore(_disk: Disk): CheckpointStore {
  throw new Defect('not built')
}

export class DocumentStore {
  /** Keeps a document under the base64url SHA-256 of its bytes. */
  put(_hash: string, _bytes: Bytes): void {
    throw new Defect('not built')
  }

  /** The document, hashed again; undefined when it is not kept. */
  get(_hash: string): Bytes | undefined {
    throw new Defect('not built')
  }

  seal(): Sealed {
    throw new Defect('not built')
  }
}

export function openDocumentStore(_disk: Disk): DocumentStore {
  throw new Defect('not built')
}
