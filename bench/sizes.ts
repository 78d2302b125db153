// How much the bench does: the sizes of a real run, of a quick look, and of the bench's own test.

export type Sizes = {
  /** Rounds behind every median. */
  readonly rounds: number
  /** Rounds that are run first in process, so that the compiler has done its work. */
  readonly warm: number
  readonly ceilingMs: number
  /** Commands of one round, alone and under shared signatures. */
  readonly singles: number
  readonly enveloped: number
  /** Commands of one round over HTTP: in batches, and one by one. */
  readonly batched: number
  readonly oneByOne: number
  /** Seconds of one round at half load. */
  readonly latencySeconds: number
  /** Entries of the ledger that is read, and requests of one round. */
  readonly readEntries: number
  readonly reads: number
  /** Entries of the small and the large ledger that are compared. */
  readonly small: number
  readonly large: number
  /** Entries after the snapshot in a start that has to catch up. */
  readonly after: number
  /** Open cases of the city whose memory is counted, and transfers that are timed. */
  readonly cityCases: number
  readonly transfers: number
  /** Rows of a list that is read again and again, and of the longest that are promised. */
  readonly listRows: number
  readonly longList: number
  readonly longSheet: number
}

export const fullSizes: Sizes = {
  rounds: 5,
  warm: 3,
  ceilingMs: 800,
  singles: 20_000,
  enveloped: 48_000,
  batched: 20_480,
  oneByOne: 15_000,
  latencySeconds: 4,
  readEntries: 200_000,
  reads: 40_000,
  small: 10_000,
  large: 1_000_000,
  after: 50_000,
  cityCases: 1000,
  transfers: 7,
  listRows: 20_000,
  longList: 1_000_000,
  longSheet: 200_000,
}

export const quickSizes: Sizes = {
  ...fullSizes,
  rounds: 3,
  warm: 3,
  ceilingMs: 300,
  singles: 10_000,
  enveloped: 24_000,
  batched: 10_240,
  oneByOne: 6000,
  latencySeconds: 2,
  readEntries: 30_000,
  reads: 15_000,
  large: 100_000,
  after: 10_000,
  cityCases: 40,
  transfers: 3,
  listRows: 10_000,
  longList: 0,
  longSheet: 0,
}

export const tinySizes: Sizes = {
  rounds: 1,
  warm: 1,
  ceilingMs: 10,
  singles: 128,
  enveloped: 256,
  batched: 512,
  oneByOne: 128,
  latencySeconds: 0.1,
  readEntries: 600,
  reads: 200,
  small: 200,
  large: 1200,
  after: 200,
  cityCases: 2,
  transfers: 1,
  listRows: 300,
  longList: 0,
  longSheet: 1000,
}
