// The real disk keeps the contract that the stores rely on.
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { fsDisk } from '#adapters/storage'
import { diskContract } from './disk-contract.ts'

const root = fs.mkdtempSync(join(tmpdir(), 'lianban-disk-'))
after(() => fs.rmSync(root, { recursive: true }))
let made = 0

diskContract('fsDisk', () => fsDisk(join(root, String((made += 1)))))
