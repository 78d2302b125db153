// `lianban`: the terminal program. It finds the command, reads its options, runs it and prints what
// it answers; every way of ending has its exit code.
import process from 'node:process'
import { exits, languageOf, problemAnswer, problemLines, Stop, Terminal } from '#apps/cli/output'
import { overview, parse, usageLines, verbOf } from '#apps/cli/command'
import type { Parsed } from '#apps/cli/command'
import { verbs } from './catalogue/verbs.ts'
import { asStop } from './failures.ts'

// A reader that has enough, such as `head`, closes the pipe; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

const args = process.argv.slice(2)
process.exitCode = await runLine(args)

async function runLine(words: readonly string[]): Promise<number> {
  const at = words.indexOf('--lang')
  const lang = at < 0 ? undefined : words[at + 1]
  const early = terminalOf({ json: words.includes('--json'), lang })
  try {
    const shortened = words.map((word) => (word === '-h' ? '--help' : word))
    if (shortened.length === 0 || shortened[0] === '--help' || shortened[0] === 'help') {
      early.answer({
        data: { commands: verbs.map((verb) => verb.words.join(' ')) },
        lines: overview(early, verbs),
      })
      return words.length === 0 ? exits.usage : exits.ok
    }
    const named = shortened[0] === '--version' ? ['version', ...shortened.slice(1)] : shortened
    const { verb, rest } = verbOf(verbs, named)
    return await runVerb(parse(verb, rest, process.env))
  } catch (error) {
    return ended(early, error)
  }
}

async function runVerb(parsed: Parsed): Promise<number> {
  const { verb, help, flags, values } = parsed
  const terminal = terminalOf({
    json: flags.has('json'),
    lang: values['lang'],
    quiet: flags.has('quiet'),
    verbose: flags.has('verbose'),
  })
  try {
    if (help) {
      const lines = usageLines(terminal, verb)
      terminal.answer({ data: { usage: lines }, lines })
      return exits.ok
    }
    const answer = await verb.run({ ...parsed, terminal })
    terminal.answer(answer)
    return answer.exit ?? exits.ok
  } catch (error) {
    return ended(terminal, error)
  }
}

function ended(terminal: Terminal, error: unknown): number {
  const stop = asStop(error)
  if (terminal.json) terminal.answer({ data: problemAnswer(terminal, stop), lines: [] })
  else for (const line of problemLines(terminal, stop)) terminal.shout(line)
  if (terminal.verbose && !(error instanceof Stop) && error instanceof Error) {
    terminal.shout(error.stack ?? '')
  }
  return stop.exit
}

type Wanted = {
  readonly json: boolean
  readonly lang: string | undefined
  readonly quiet?: boolean
  readonly verbose?: boolean
}

function terminalOf({ json, lang, quiet = false, verbose = false }: Wanted): Terminal {
  const named = lang ?? process.env['LIANBAN_LANG']
  const language = named === 'zh' || named === 'en' ? named : languageOf(process.env)
  return new Terminal({ language, json, quiet, verbose })
}
