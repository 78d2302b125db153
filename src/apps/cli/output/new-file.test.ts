// A file that a command writes stands under its name whole or not at all: after a failure, an
// interruption, a full disk, and where the name is taken.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { NewFile, pathStop, replaceWith, Stop, systemSaid, writeNew } from '#apps/cli/output'
import { scratch } from '#test/lianban'

const { path: folder, remove } = scratch('new-file')
after(remove)

const bytes = Buffer.from('row\n')

test('a file appears when it is kept and not before', () => {
  const at = path.join(folder, 'kept')
  const file = new NewFile(at)
  file.write(bytes)
  assert.ok(!fs.existsSync(at))
  file.keep()
  assert.equal(fs.readFileSync(at, 'utf8'), 'row\n')
  assert.equal(fs.statSync(at).mode & 0o077, 0)
  assert.deepEqual(fs.readdirSync(folder), ['kept'])
})

test('a file that is dropped leaves nothing', () => {
  const file = new NewFile(path.join(folder, 'dropped'))
  file.write(Buffer.alloc(600_000))
  file.drop()
  assert.deepEqual(fs.readdirSync(folder), ['kept'])
})

test('a name that is taken stays what it is, also when it was taken meanwhile', () => {
  const codeOf = (use: () => void): string => {
    try {
      use()
      return ''
    } catch (error) {
      return error instanceof Stop ? error.code : String(error)
    }
  }
  assert.equal(
    codeOf(() => writeNew(path.join(folder, 'kept'), bytes)),
    'cli/not-written',
  )
  const later = path.join(folder, 'later')
  const file = new NewFile(later)
  fs.writeFileSync(later, 'theirs')
  assert.equal(
    codeOf(() => file.keep()),
    'cli/not-written',
  )
  assert.equal(fs.readFileSync(later, 'utf8'), 'theirs')
  assert.deepEqual(fs.readdirSync(folder).toSorted(), ['kept', 'later'])
  assert.equal(
    codeOf(() => writeNew(path.join(folder, 'no/where'), bytes)),
    'cli/not-written',
  )
})

test('a file is replaced whole, and stays where that fails', () => {
  const at = path.join(folder, 'kept')
  replaceWith(at, 'new\n')
  assert.equal(fs.readFileSync(at, 'utf8'), 'new\n')
  assert.throws(() => replaceWith(path.join(folder, 'no/where'), 'x'), { code: 'cli/not-written' })
  assert.deepEqual(fs.readdirSync(folder).toSorted(), ['kept', 'later'])
})

test('an interruption leaves no half of it, and ends the process as a signal does', async () => {
  const door = import.meta.resolve('#apps/cli/output')
  const script = `
    const { NewFile } = await import(${JSON.stringify(door)})
    const file = new NewFile('half')
    file.write(Buffer.alloc(600_000))
    process.stdout.write('wrote')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: folder })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  assert.equal(fs.readdirSync(folder).filter((name) => name.includes('half')).length, 1)
  const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
  child.kill('SIGINT')
  assert.equal(await ended, 'SIGINT')
  assert.deepEqual(fs.readdirSync(folder).toSorted(), ['kept', 'later'])
})

test('what the system says no to has words and a remedy, and a full disk its own exit code', () => {
  for (const name of ['ENOENT', 'EISDIR', 'EACCES', 'EPERM', 'EEXIST', 'ENOSPC', 'EROFS']) {
    const stop = pathStop('cli/not-written', 'x', { code: name })
    assert.match(stop.text?.zh ?? '', /^无法写入：[^A-Z]+$/, name)
    assert.ok(stop.remedy !== undefined, name)
    assert.equal(stop.exit, name === 'ENOSPC' ? 4 : 1)
  }
  assert.equal(systemSaid('EWEIRD'), undefined)
  assert.equal(systemSaid('constructor'), undefined)
})
