// The house rules as data: layers, rooms, orders, arrows and limits. ARCHITECTURE.md prints the
// import table, and a test compares the two, so the document and the gate cannot differ.

export type Layer = 'base' | 'ledger' | 'blueprint' | 'domains' | 'adapters' | 'apps'

/** The layers of src and the rooms that each may have. */
export const rooms: Readonly<Record<Layer, readonly string[]>> = {
  base: ['assert', 'bytes', 'crypto', 'canonical', 'codes', 'commitment'],
  ledger: ['command', 'validate', 'order', 'apply', 'prove', 'read'],
  blueprint: ['time', 'rules', 'grammar', 'check', 'derive', 'judge'],
  domains: [
    'members',
    'certificates',
    'deposits',
    'scenarios',
    'processes',
    'sharing',
    'settlement',
    'disputes',
  ],
  adapters: [
    'consensus',
    'storage',
    'vault',
    'sources',
    'registers',
    'keys',
    'transport',
    'documents',
    'notices',
  ],
  apps: ['node', 'cli', 'portal', 'verifier'],
}

/** Doors into folders of test, for tests, benches and makers of vectors. */
export const testDoors: Readonly<Record<string, string>> = {
  test: 'test/support',
  simulation: 'test/simulation',
}

/** What each layer may name in an import, besides its own room by `./`. */
export const importTable: Readonly<Record<Layer, readonly string[]>> = {
  base: ['#base/', '@noble/'],
  ledger: ['#base/', '#ledger/'],
  blueprint: ['#base/', '#blueprint/'],
  domains: ['#base/', '#ledger/', '#blueprint/', '#domains/'],
  adapters: ['#base/', '#ledger/', 'node:', '@noble/', '@peculiar/x509', 'mysql2', 'pg'],
  apps: [
    '#base/',
    '#ledger/',
    '#blueprint/',
    '#domains/',
    '#adapters/',
    'node:',
    '@noble/',
    '@peculiar/x509',
    'smol-toml',
  ],
}

/** Layers whose rooms stand in one order: a room knows only the rooms before it. */
export const ordered: readonly string[] = ['ledger', 'blueprint', 'domains']

/** Layers whose rooms never know each other. */
export const strangers: readonly string[] = ['adapters']

/** Layers that give the same result on every machine and at every time. */
export const pure: readonly string[] = ['base', 'ledger', 'blueprint', 'domains']

export type Limit =
  | 'fileLines'
  | 'functionLines'
  | 'lineColumns'
  | 'parameters'
  | 'doorLines'
  | 'roomFiles'
  | 'portMethods'
  | 'diskMethods'
  | 'rootEntries'
  | 'blobBytes'

export const limits: Readonly<Record<Limit, number>> = {
  fileLines: 400,
  functionLines: 70,
  lineColumns: 100,
  parameters: 4,
  doorLines: 40,
  roomFiles: 12,
  portMethods: 8,
  diskMethods: 10,
  rootEntries: 16,
  blobBytes: 256 * 1024,
}

/** Files without which the house is not one. */
export const required: readonly string[] = [
  'README.md',
  'ARCHITECTURE.md',
  'STYLE.md',
  'LICENSE',
  'docs/CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'docs/protocol/codes.md',
  '.ci/run',
]

/** Where a room begins to run: nothing imports these. */
export const mains: RegExp = /^src\/apps\/\w+\/(?:main\.ts|lianban\.js|worker\.ts)$/

/**
 * Exceptions by name: rule, then "path: what" exactly as the rule reports it without the line. The
 * test fails when one of them is no longer needed.
 */
export const exceptions: Readonly<Record<string, readonly string[]>> = {}
