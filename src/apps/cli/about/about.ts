// What the program says of itself: its version, its configuration, its completion.
import process from 'node:process'
import { base64urlEncode } from '#base/bytes'
import type { Answer } from '#apps/cli/output'
import { tableLines } from '#apps/cli/output'
import { completionScript, usage } from '#apps/cli/command'
import type { Ask, Verb } from '#apps/cli/command'
import { readConfig, shownConfig } from '#apps/node/config'
import { codeVersion } from '#apps/node/host'
import { version } from '#apps/node/serve'

/** Runs `version`. */
export async function showVersion({ terminal }: Ask): Promise<Answer> {
  const code = base64urlEncode(codeVersion())
  const data = { version, code, node: process.versions.node, platform: process.platform }
  return {
    data,
    lines: tableLines([
      ['lianban', version],
      ['Node', data.node],
      [terminal.words('代码版本', 'code version'), code],
    ]),
  }
}

/** Runs `config print`: every setting with its value and where it came from. */
export async function printConfig({ values, env }: Ask): Promise<Answer> {
  const { directory, config } = values
  const words = [
    ...(directory === undefined ? [] : ['--directory', directory]),
    ...(config === undefined ? [] : ['--config', config]),
  ]
  // A flag of ours stands for the variable that it was read from.
  const outside = directory === undefined ? env : { ...env, LIANBAN_DIRECTORY: undefined }
  const shown = shownConfig(readConfig({ words, env: outside, cwd: process.cwd() }))
  return {
    data: { settings: shown },
    lines: tableLines(shown.map(({ name, value, source }) => [name, value ?? '-', source])),
  }
}

/** Runs `completion SHELL`. */
export async function printCompletion(ask: Ask, verbs: readonly Verb[]): Promise<Answer> {
  const shell = ask.operands['SHELL'] ?? 'bash'
  if (shell !== 'bash' && shell !== 'zsh') {
    throw usage('cli/bad-value', shell, ['bash 或 zsh', 'bash or zsh'])
  }
  const script = completionScript(verbs, shell)
  return { data: { shell, script }, lines: [script] }
}
