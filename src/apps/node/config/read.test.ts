// What a configuration is read from, in which order, and what is refused in it.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { configuredCosigners } from './cosigners.ts'
import { Config, ConfigRefusal, readConfig } from './read.ts'
import { flagOf, settings, variableOf } from './settings.ts'
import { configLines, settingsHelp, shownConfig } from './show.ts'
import { operatorToken } from './token.ts'

const root = join(import.meta.dirname, '..', '..', '..', '..')
const cwd = mkdtempSync(join(tmpdir(), 'lianban-config-'))
after(() => rmSync(cwd, { recursive: true, force: true }))

function read(
  words: readonly string[] = [],
  env: { readonly [name: string]: string } = {},
  file?: string,
): Config {
  if (file === undefined) return readConfig({ words, env, cwd })
  writeFileSync(join(cwd, 'test.toml'), file)
  return readConfig({ words: [...words, '--config', 'test.toml'], env, cwd })
}

function refusal(...given: Parameters<typeof read>): { code: string; text: string } {
  try {
    read(...given)
  } catch (error) {
    assert.ok(error instanceof ConfigRefusal)
    return { code: error.code, text: error.message }
  }
  return assert.fail('it was taken')
}

test('a flag goes before the environment, that before the file, that before the default', () => {
  const file = '[listen]\nport = 3\nhost = "::1"\n[log]\nform = "json"\n'
  const config = read(
    ['--listen-port', '1'],
    { LIANBAN_LISTEN_PORT: '2', LIANBAN_LISTEN_HOST: 'h' },
    file,
  )
  assert.deepEqual(config.find('listen.port'), { value: '1', source: 'flag --listen-port' })
  assert.deepEqual(config.find('listen.host'), {
    value: 'h',
    source: 'environment LIANBAN_LISTEN_HOST',
  })
  assert.match(config.find('log.form')?.source ?? '', /^file .*test\.toml:5 log\.form$/)
  assert.deepEqual(config.find('log.from'), { value: 'info', source: 'default' })
  assert.equal(read(['--listen-port=9']).count('listen.port'), 9)
})

test('a name that nobody knows is refused where it stands, with the nearest one', () => {
  const flag = refusal(['--lisen-port', '1'])
  assert.equal(flag.code, 'node/unknown-setting')
  assert.match(flag.text, /flag --lisen-port.*listen-port/)
  const variable = refusal([], { LIANBAN_LISTEN_PROT: '1' })
  assert.equal(variable.code, 'node/unknown-setting')
  assert.match(variable.text, /LIANBAN_LISTEN_PROT.*LIANBAN_LISTEN_PORT/)
  const key = refusal([], {}, '[listen]\nhost = "a"\nprot = 1\n')
  assert.equal(key.code, 'node/unknown-setting')
  assert.match(key.text, /test\.toml:3 listen\.prot.*listen\.port/)
  assert.equal(refusal(['listen']).code, 'node/unknown-setting')
})

test('variables of other programs are left alone', () => {
  assert.ok(read([], { LIANBAN_LANG: 'zh', PATH: '/bin', LISTEN_PORT: 'x' }))
})

test('values out of their form are refused', () => {
  for (const words of [
    ['--listen-port', '65536'],
    ['--listen-port', '01'],
    ['--listen-port', 'http'],
    ['--listen-port', '-1'],
    ['--listen-port'],
    ['--log-form', 'xml'],
    ['--listen-host', ''],
    ['--listen-port', '1', '--listen-port', '2'],
  ]) {
    assert.equal(refusal(words).code, 'node/bad-setting', words.join(' '))
  }
  assert.equal(refusal([], {}, '[listen]\nport = true\n').code, 'node/bad-setting')
  assert.equal(refusal([], {}, '[listen\n').code, 'node/config-not-read')
  assert.equal(refusal(['--config', 'absent.toml']).code, 'node/config-not-read')
})

test('a secret comes from the environment or a file, never from a flag, and is never shown', () => {
  const path = join(cwd, 'secret')
  writeFileSync(path, 'open sesame\n', { mode: 0o600 })
  const secret = (config: Config): string | undefined => config.text('keys.passphrase')
  assert.equal(secret(read([], { LIANBAN_KEYS_PASSPHRASE: 'a b' })), 'a b')
  assert.equal(secret(read([], { LIANBAN_KEYS_PASSPHRASE_FILE: path })), 'open sesame')
  assert.equal(secret(read(['--keys-passphrase-file', 'secret'])), 'open sesame')
  assert.equal(secret(read([], {}, '[keys]\npassphrase-file = "secret"\n')), 'open sesame')
  assert.equal(refusal(['--keys-passphrase', 'x']).code, 'node/bad-setting')
  const config = read([], { LIANBAN_KEYS_PASSPHRASE: 'hidden' })
  assert.ok(!configLines(config).includes('hidden'))
  const shown = shownConfig(config).find(({ name }) => name === 'keys.passphrase')
  assert.equal(shown?.value, '(set)')
})

test('paths stand against the place that names them', () => {
  assert.equal(read(['--directory', 'here']).text('directory'), join(cwd, 'here'))
  assert.equal(read([], {}, 'directory = "there"\n').text('directory'), join(cwd, 'there'))
})

test('the file in the directory is read without being named', () => {
  writeFileSync(join(cwd, 'node.toml'), '[listen]\nport = 77\n')
  assert.equal(read(['--directory', '.']).count('listen.port'), 77)
})

test('every setting has a name in each place, and is shown and explained', () => {
  const config = read()
  for (const { name } of settings) {
    assert.match(flagOf(name), /^[a-z-]+$/)
    assert.match(variableOf(name), /^LIANBAN_[A-Z_]+$/)
    assert.ok(configLines(config).includes(`${name} = `))
    assert.ok(settingsHelp().includes(`--${flagOf(name)}, ${variableOf(name)}`))
  }
})

test('the page on running a node has every setting with its flag and default', () => {
  const page = readFileSync(join(root, 'docs/operations/run.md'), 'utf8')
  for (const { name, kind, fallback } of settings) {
    const flag = kind.k === 'secret' ? `${flagOf(name)}-file` : flagOf(name)
    const row = `| \`${name}\` | \`--${flag}\` | ${fallback === undefined ? '' : `\`${fallback}\` |`}`
    assert.ok(page.includes(row), row)
  }
})

test('every default has the form that is asked of a value', () => {
  for (const { name, fallback, kind } of settings) {
    if (fallback === undefined) continue
    assert.equal(read([`--${flagOf(name)}`, fallback]).text(name), fallback, kind.k)
  }
})

test('listeners are on this machine alone until somebody says otherwise', () => {
  const config = read()
  assert.equal(config.text('listen.host'), '127.0.0.1')
  assert.equal(config.text('members.host'), '127.0.0.1')
  assert.equal(config.count('members.port'), undefined)
})

test('the operator’s token is made once, for its owner alone', () => {
  const path = join(cwd, 'operator.token')
  const token = operatorToken(path)
  assert.match(token, /^[A-Za-z0-9_-]{43}$/)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(operatorToken(path), token)
  writeFileSync(path, 'short\n')
  assert.throws(() => operatorToken(path), { code: 'node/bad-setting' })
})

test('a list of cosigners is taken whole or refused', () => {
  const vkey = 'notary.example+7a1a1a9c+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
  const of = (value: string): readonly string[] =>
    configuredCosigners(read(['--cosigners', value])).map(({ url }) => url)
  assert.deepEqual(configuredCosigners(read()), [])
  assert.deepEqual(of('http://127.0.0.1:7490/ , https://w.example/log/'), [
    'http://127.0.0.1:7490',
    'https://w.example/log',
  ])
  for (const value of [
    'ftp://a',
    'a',
    'http://a,',
    'http://a,http://a/',
    'http://u:p@a',
    'http://a?b',
    'http://a b',
    `http://a ${vkey}`,
    `http://a ${vkey} ${vkey}`,
    Array.from({ length: 33 }, (_, at) => `http://a${at}`).join(','),
  ]) {
    assert.throws(() => of(value), { code: 'node/bad-setting' }, value)
  }
})
