// Planted bugs: the product with one promise broken, in a copy of the sources, must be caught by
// the checks that stand for that promise. The product itself has no switch for any of this; a patch
// that no longer fits is an error, so the list cannot rot unnoticed.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

export type Bug = {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
  /** A second place of the same bug: what stands there, and what takes its place. */
  readonly also?: readonly [from: string, to: string]
  /** Arguments of Node whose failure catches the bug. */
  readonly check: readonly string[]
}

const simulate = ['test/simulation/run.ts', '--seeds', '60'] as const
const hostile = (tries: string): readonly string[] => ['test/faults/files-of-harm.ts', tries]
const test = (path: string): readonly string[] => ['--test', '--test-reporter=dot', path]

export const bugs: readonly Bug[] = [
  {
    name: 'the journal is not synced',
    file: 'src/adapters/storage/journal.ts',
    from: '    await this.#disk.sync(this.#last().file)\n',
    to: '    await Promise.resolve()\n',
    check: simulate,
  },
  {
    name: 'a new segment is not made durable in its directory',
    file: 'src/adapters/storage/journal.ts',
    from: "  disk.change({ kind: 'syncDir', path: directory })\n  return { base, size: 0, file }",
    to: '  return { base, size: 0, file }',
    check: simulate,
  },
  {
    name: 'what a killed process left is taken for durable',
    file: 'src/adapters/storage/journal.ts',
    from: '      this.#disk.syncNow(last.file)\n',
    to: '',
    check: simulate,
  },
  {
    name: 'a checkpoint that a crash left unsigned is forgotten',
    file: 'src/apps/node/host/ledger-host.ts',
    from: '    this.#checkpoints.decide(readCheckpoint(this.record(checkpointKey)).size)\n',
    to: '',
    check: test('src/apps/node/host/host.test.ts'),
  },
  {
    name: 'a directory is opened under another history than it signed',
    file: 'src/apps/node/host/open.ts',
    from: '  checkKept(ledger, derived, host.proofs)\n',
    to: '',
    check: test('src/apps/node/host/host.test.ts'),
  },
  {
    name: 'a node goes on under a release that the ledger does not ask for',
    file: 'src/apps/node/host/open.ts',
    from: "    if (options.practice !== true) return new Failure('node/other-code', true, `height ${height}`)\n",
    to: '',
    check: test('src/apps/node/host/host.test.ts'),
  },
  {
    name: 'a command is acknowledged before its frame is synced',
    file: 'src/adapters/consensus/embedded.ts',
    from: '    journal.sync().then(\n      () => this.#durable(applied, taken, filled),',
    to: '    void journal.sync().catch(() => undefined)\n    Promise.resolve().then(\n      () => this.#durable(applied, taken, filled),',
    check: test('src/adapters/consensus/embedded.test.ts'),
  },
  {
    name: 'a failed sync is retried and hoped for',
    file: 'src/adapters/consensus/embedded.ts',
    from: '      (failure: unknown) => this.#syncFailed(failure, taken),',
    to: '      () => this.#durable(applied, taken, filled),',
    check: test('src/adapters/consensus/embedded.test.ts'),
  },
  {
    name: 'state is visible before it is durable',
    file: 'src/adapters/consensus/embedded.ts',
    from: '    this.#options.machine.confirm(applied)\n',
    to: '',
    also: [
      '    this.#inFlight = true\n',
      '    this.#inFlight = true\n    this.#options.machine.confirm(applied)\n',
    ],
    check: test('src/adapters/consensus/embedded.test.ts'),
  },
  {
    name: 'the hash of a frame is not checked',
    file: 'src/ledger/apply/frame.ts',
    from: "  if (!equal(sha256(concat([previous, body])), hash)) return { code: 'apply/frame-hash' }\n",
    to: '',
    check: test('src/ledger/apply/machine.test.ts'),
  },
  {
    name: 'a used id is forgotten',
    file: 'src/ledger/apply/machine.ts',
    from: '      window.add(intent.member, intent.id, intent.notAfter)\n',
    to: '',
    check: test('src/ledger/apply/machine.test.ts'),
  },
  {
    name: 'the same id is taken twice in one block',
    file: 'src/ledger/order/fill.ts',
    from: '  tally.ids.add(admitted.member, admitted.intent.id)\n',
    to: '',
    check: test('src/ledger/apply/machine.test.ts'),
  },
  {
    name: 'an id alone, without its member, is the identity',
    file: 'src/ledger/order/fill.ts',
    from: 'tally.ids.of(member, id) > 0',
    to: "['tax', 'gas'].some((one) => tally.ids.of(one, id) > 0)",
    check: test('src/ledger/apply/machine.test.ts'),
  },
  {
    name: 'signatures are not verified',
    file: 'src/adapters/consensus/signing.ts',
    from: '    return verdict(this.#ring, check)\n',
    to: '    return true\n',
    check: ['test/faults/mutants-of-commands.ts'],
  },
  {
    name: 'an expired command is admitted',
    file: 'src/ledger/validate/admit.ts',
    from: "  if (intent.notAfter < context.time) return refuse('validate/expired', 'intent.notAfter')\n",
    to: '',
    check: test('src/ledger/apply/machine.test.ts'),
  },
  {
    name: 'the digest of the state does not chain',
    file: 'src/ledger/apply/writes.ts',
    from: '  return sha256(concat([previous, hash]))',
    to: '  return sha256(concat([hash]))',
    check: test('test/faults/digest.test.ts'),
  },
  {
    name: 'the map root of a checkpoint is not its last entry',
    file: 'src/ledger/apply/block.ts',
    from: '    const size = work.next()\n    // What',
    to: '    const size = work.next() - 1\n    // What',
    check: test('src/ledger/apply/machine.test.ts'),
  },
  {
    name: 'a follower does not compare writes',
    file: 'src/ledger/read/audit.ts',
    from: '  if (writes >= 0 || applied.writes.length !== frame.writes.length) {',
    to: '  if (writes >= 1_000_000) {',
    check: test('src/ledger/read/audit.test.ts'),
  },
  {
    name: 'a receipt index loses ids at a restart',
    file: 'src/apps/node/host/catch-up.ts',
    from: '  stores.receipts.add(member, intent.id, index)\n',
    to: '',
    check: simulate,
  },
  {
    name: 'the time of a block follows any clock',
    file: 'src/ledger/order/time.ts',
    from: "  if (wallMs > ledgerMs + aheadMsMax) return { confirm: 'clock-ahead' }\n",
    to: '',
    check: test('src/adapters/consensus/embedded.test.ts'),
  },
  {
    name: 'an answer leaves before its record is durable',
    file: 'src/apps/node/gateway/owner.ts',
    from: '      await this.#parts.vault.put(answerRecord(',
    to: '      void this.#parts.vault.put(answerRecord(',
    check: test('src/apps/node/gateway/owner.test.ts'),
  },
  {
    name: 'an answer that was stored too late leaves all the same',
    file: 'src/apps/node/gateway/owner.ts',
    from: "    if (this.#parts.now() >= kept.answerBy) return refuse('node/permit-late')\n",
    to: '',
    also: ['    return { kept, until: kept.answerBy }', '    return { kept, until: Infinity }'],
    check: test('src/apps/node/gateway/owner.test.ts'),
  },
  {
    name: 'whoever asks is taken for the reader',
    file: 'src/apps/node/gateway/owner.ts',
    from: 'permit.reader !== reader || ',
    to: '',
    check: test('src/apps/node/gateway/owner.test.ts'),
  },
  {
    name: 'an item is shown that has another generation by now',
    file: 'src/apps/node/gateway/owner.ts',
    from: ' || held.gen !== permit.reads[name]',
    to: '',
    check: test('src/apps/node/gateway/owner.test.ts'),
  },
  {
    name: 'an opening is believed without its commitment',
    file: 'src/apps/node/disclosure/body.ts',
    from: '        : verifyOpening(root, opening, { index, size })',
    to: '        : root.length > 0 && size > index',
    check: test('src/apps/node/gateway/reader.test.ts'),
  },
  {
    name: 'a statement is believed whoever signed it',
    file: 'src/apps/node/disclosure/statements.ts',
    from: 'key === null || !verifySignature(key, jws.signingInput, jws.signature)',
    to: 'key === null && !verifySignature(key, jws.signingInput, jws.signature)',
    check: test('src/apps/node/disclosure/statements.test.ts'),
  },
  {
    name: 'a word of totals is looked for in a cell of any length',
    file: 'src/adapters/sources/trial.ts',
    from: "?? '').trim()\n    if (lead.length <= totalsMax && totals.test(lead))",
    to: "?? '')\n    if (/^\\s*合计\\s*[:：]?\\s*$/.test(lead) || totals.test(lead))",
    check: hostile('blanks after'),
  },
  {
    name: 'pages of a database lead on for ever',
    file: 'src/adapters/sources/sqlite.ts',
    from: '    if (held > room || number * rowBytesMin > room) {\n',
    to: '    if (held > room * 1e9) {\n',
    check: hostile('lead on'),
  },
  {
    name: 'a generated column is evaluated',
    file: 'src/adapters/sources/sqlite.ts',
    from: "column.computed ? 'NULL' : quoted(column.name)",
    to: 'quoted(column.name)',
    also: [
      'readOnly: true, allowExtension: false, limits }',
      'readOnly: true, allowExtension: false }',
    ],
    check: hostile('column'),
  },
  {
    name: 'tokens of pages go round',
    file: 'src/adapters/registers/http.ts',
    from: "    if (this.#seen.has(print)) throw malformed('a page that was there before')\n",
    to: '',
    check: test('src/adapters/registers/http-pages.test.ts'),
  },
  {
    name: 'a load changes tables before it is said how that is undone',
    file: 'src/apps/node/loading/load.ts',
    from: '    hold(book.undoing.intend(), options.pathOf)\n',
    to: '',
    check: test('src/apps/node/loading/halves.test.ts'),
  },
]

export type Caught = {
  readonly bugs: number
  readonly caught: number
  readonly missed: readonly string[]
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Plants each bug in a copy and runs its check; `only` picks bugs by their place in the list. */
export function run(only?: readonly number[]): Caught {
  const copy = mkdtempSync(join(tmpdir(), 'lianban-bugs-'))
  for (const part of ['src', 'test', 'package.json', 'vectors']) {
    cpSync(join(root, part), join(copy, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const chosen = bugs.filter((_, i) => only === undefined || only.includes(i))
  const missed: string[] = []
  for (const bug of chosen) if (!isCaught(copy, bug)) missed.push(bug.name)
  rmSync(copy, { recursive: true, force: true })
  return { bugs: chosen.length, caught: chosen.length - missed.length, missed }
}

function isCaught(copy: string, bug: Bug): boolean {
  const path = join(copy, bug.file)
  const sound = readFileSync(path, 'utf8')
  let planted = sound
  for (const [from, to] of [[bug.from, bug.to] as const, ...(bug.also ? [bug.also] : [])]) {
    if (planted.split(from).length !== 2) {
      throw new Error(`the patch of "${bug.name}" does not fit ${bug.file} exactly once`)
    }
    planted = planted.replace(from, () => to)
  }
  writeFileSync(path, planted)
  const ran = spawnSync(process.execPath, [...bug.check], {
    cwd: copy,
    encoding: 'utf8',
    timeout: 120_000,
    env: environment(),
  })
  writeFileSync(path, sound)
  return ran.status !== 0
}

/** The runner of tests marks its children; the copy's own tests are not its children. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env
  return rest
}

/** Bugs whose patch no longer fits its file exactly once. */
export function misfits(): readonly string[] {
  return bugs
    .filter(({ file, from, also }) => {
      const text = readFileSync(join(root, file), 'utf8')
      return [from, ...(also ? [also[0]] : [])].some((piece) => text.split(piece).length !== 2)
    })
    .map(({ name }) => name)
}
