// Opens every hostile file, or those that try what the first argument says, and ends with 1 when
// one of them does harm: what stands for the bounds of sources when bugs are planted.
import process from 'node:process'
import { run, told } from './files.ts'

const [word] = process.argv.slice(2)
const only = word === undefined ? {} : { only: word }
const found = await run({ count: 0, seed: 1, types: ['hostile'], every: 1, batch: 1, ...only })
process.stdout.write(`${told(found)}\n`)
process.exitCode = found.some(({ faults }) => faults.length > 0) ? 1 : 0
