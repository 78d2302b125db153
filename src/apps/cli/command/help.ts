// Usage texts and shell completion, derived from the descriptions of the commands.
import type { Terminal } from '#apps/cli/output'
import { tableLines } from '#apps/cli/output'
import { globalOptions } from './global.ts'
import type { Option, Verb } from './spec.ts'

/** All commands, one line each. */
export function overview(terminal: Terminal, verbs: readonly Verb[]): readonly string[] {
  const rows = verbs.map((verb) => [`  ${usageOf(verb)}`, terminal.of(verb.about)])
  return [
    terminal.words('用法：lianban <名词> <动词> [选项]', 'usage: lianban <noun> <verb> [options]'),
    '',
    ...tableLines(rows),
    '',
    ...optionLines(terminal, globalOptions),
    '',
    terminal.words(
      '退出码：0 成功，1 失败，2 用法，3 核验不通过，4 暂不可用，5 冲突',
      'exit codes: 0 ok, 1 failure, 2 usage, 3 verification failed, 4 unavailable, 5 conflict',
    ),
  ]
}

/** The usage of one command. */
export function usageLines(terminal: Terminal, verb: Verb): readonly string[] {
  const operands = (verb.operands ?? []).map(({ name, about }) => [`  ${name}`, terminal.of(about)])
  return [
    `lianban ${usageOf(verb)} [${terminal.words('选项', 'options')}]`,
    terminal.of(verb.about),
    ...(operands.length === 0 ? [] : ['', ...tableLines(operands)]),
    '',
    ...optionLines(terminal, { ...verb.options, ...globalOptions }),
  ]
}

function usageOf({ words, operands = [] }: Verb): string {
  const named = operands.map(({ name, optional }) => (optional === true ? `[${name}]` : name))
  return [...words, ...named].join(' ')
}

function optionLines(
  terminal: Terminal,
  options: { readonly [name: string]: Option },
): readonly string[] {
  return tableLines(
    Object.entries(options).map(([name, { kind, value, about, env, required }]) => {
      const form = kind === 'flag' ? `--${name}` : `--${name} ${value ?? 'VALUE'}`
      const more = [
        required === true ? terminal.words('必需', 'required') : '',
        env === undefined ? '' : env,
      ].filter((part) => part !== '')
      const tail = more.length === 0 ? '' : ` (${more.join(', ')})`
      return [`  ${form}`, `${terminal.of(about)}${tail}`]
    }),
  )
}

/** A completion script for bash or zsh: words of the commands, then their options. */
export function completionScript(verbs: readonly Verb[], shell: 'bash' | 'zsh'): string {
  const cases = verbs.map(({ words, options }) => {
    const names = Object.keys({ ...options, ...globalOptions }).map((name) => `--${name}`)
    return `    '${words.join(' ')}') words='${names.join(' ')}' ;;`
  })
  const nouns = [...new Set(verbs.map(({ words }) => words[0] ?? ''))]
  const seconds = nouns.map((noun) => {
    const after = verbs.filter(({ words }) => words[0] === noun && words.length > 1)
    return `    '${noun}') words='${after.map(({ words }) => words[1]).join(' ')}' ;;`
  })
  const lines = [
    ...(shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit'] : []),
    '_lianban() {',
    '  local words="" current="${COMP_WORDS[COMP_CWORD]}"',
    '  local one="${COMP_WORDS[1]}" two="${COMP_WORDS[1]} ${COMP_WORDS[2]}"',
    `  if [ "$COMP_CWORD" -eq 1 ]; then words='${nouns.join(' ')}'`,
    '  elif [[ "$current" == -* ]]; then case "$two" in',
    ...cases.filter((_, at) => (verbs[at]?.words.length ?? 0) > 1),
    '    *) case "$one" in',
    ...cases.filter((_, at) => verbs[at]?.words.length === 1).map((line) => `  ${line}`),
    '    esac ;;',
    '  esac',
    '  elif [ "$COMP_CWORD" -eq 2 ]; then case "$one" in',
    ...seconds,
    '  esac; fi',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _lianban lianban',
  ]
  return lines.join('\n')
}
