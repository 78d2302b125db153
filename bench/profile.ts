// Processor time by part, from samples of the main thread's stack: each sample counts for the
// innermost function that a rule below names. Nothing is added to the product for it.
import type { Profiler } from 'node:inspector'
import { Session } from 'node:inspector/promises'

export const parts = [
  'decode',
  'hand-over to the verifier',
  'admit',
  'decide and apply',
  'frame and hashes',
  'journal write',
  'stores',
  'answers',
  'garbage collection',
  'engine, event loop and the rest',
] as const

export type Part = (typeof parts)[number]

/** Functions of a file, or all of it. The rule of the innermost function counts. */
type Rule = { readonly part: Part; readonly file: string; readonly names?: readonly string[] }

const rules: readonly Rule[] = [
  { part: 'decode', file: 'ledger/command/command.ts', names: ['decodeSubmission'] },
  { part: 'hand-over to the verifier', file: 'adapters/consensus/pool.ts' },
  { part: 'hand-over to the verifier', file: 'adapters/consensus/signing.ts', names: ['check'] },
  { part: 'admit', file: 'ledger/order/fill.ts' },
  { part: 'decide and apply', file: 'ledger/apply/machine.ts', names: ['deliver'] },
  { part: 'frame and hashes', file: 'ledger/apply/frame.ts' },
  { part: 'frame and hashes', file: 'ledger/apply/writes.ts', names: ['nextDigest'] },
  { part: 'frame and hashes', file: 'ledger/prove/tree.ts' },
  { part: 'frame and hashes', file: 'apps/node/host/ledger-host.ts', names: ['applied'] },
  { part: 'frame and hashes', file: 'apps/node/host/views.ts' },
  { part: 'journal write', file: 'adapters/storage/journal.ts', names: ['append', 'sync'] },
  { part: 'stores', file: 'ledger/apply/machine.ts', names: ['confirm'] },
  { part: 'stores', file: 'apps/node/host/ledger-host.ts', names: ['durable', '#save'] },
  { part: 'stores', file: 'adapters/storage/snapshots.ts' },
  { part: 'answers', file: 'apps/node/host/ledger-host.ts', names: ['#outcome', 'submit'] },
  { part: 'answers', file: 'bench/ledger.ts' },
  { part: 'engine, event loop and the rest', file: 'adapters/consensus/embedded.ts' },
]

const collector = '(garbage collector)'
/** Not the ledger's: waiting, and the profiler itself. */
const uncounted: readonly string[] = ['(idle)', 'post']

/** How the main thread's time is divided: parts of 1. */
export type Shares = { readonly [part in Part]: number }

/** Does something under a profile. */
export async function profiled(what: () => Promise<unknown>): Promise<Shares> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 250 })
  await session.post('Profiler.start')
  try {
    await what()
    const { profile } = await session.post('Profiler.stop')
    return sharesOf(profile)
  } finally {
    session.disconnect()
  }
}

/** Divides what is not idle as the samples fall. */
function sharesOf(profile: Profiler.Profile): Shares {
  const partOf = partsOf(profile.nodes)
  const sums = Object.fromEntries(parts.map((part) => [part, 0])) as { [part in Part]: number }
  let busy = 0
  for (const [i, node] of (profile.samples ?? []).entries()) {
    const part = partOf.get(node)
    if (part === undefined || part === null) continue
    const micros = Math.max(0, profile.timeDeltas?.[i] ?? 0)
    sums[part] += micros
    busy += micros
  }
  for (const part of parts) sums[part] /= Math.max(1, busy)
  return sums
}

/** The part of every node of the tree of stacks; null where the thread was idle. */
function partsOf(nodes: readonly Profiler.ProfileNode[]): ReadonlyMap<number, Part | null> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const found = new Map<number, Part | null>()
  const visit = (id: number, outer: Part | null): void => {
    const node = byId.get(id)
    if (node === undefined) return
    const part = outer === null ? null : ownPart(node.callFrame, outer)
    found.set(id, part)
    for (const child of node.children ?? []) visit(child, part)
  }
  const root = nodes[0]
  if (root !== undefined) visit(root.id, 'engine, event loop and the rest')
  return found
}

function ownPart(frame: Profiler.ProfileNode['callFrame'], outer: Part): Part | null {
  if (uncounted.includes(frame.functionName)) return null
  if (frame.functionName === collector) return 'garbage collection'
  const rule = rules.find(
    ({ file, names }) =>
      frame.url.endsWith(file) && (names === undefined || names.includes(frame.functionName)),
  )
  return rule?.part ?? outer
}
