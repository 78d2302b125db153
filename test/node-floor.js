// The floor under the scripts: a Node that cannot run TypeScript sources is refused with a remedy
// instead of a stack trace. Loaded before anything else, and written in JavaScript for that reason.
import process from 'node:process'

const floor = 24
const major = Number(process.versions.node.split('.')[0])

if (major < floor) {
  process.stderr.write(
    `This is Node ${process.versions.node}; Lianban needs Node ${floor} or newer.\n` +
      'Run `npm ci`: it puts Node 26 into node_modules, and npm scripts then use that one.\n' +
      'If npm is told to ignore scripts, run `npm rebuild node` once.\n',
  )
  process.exit(1)
}
