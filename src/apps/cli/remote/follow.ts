// `lianban follow URL`: runs a validating follower until it is stopped or until it finds something,
// and then says so as loudly as a terminal can.
import { setTimeout as sleep } from 'node:timers/promises'
import process from 'node:process'
import { follow, httpSource } from '#apps/node/follow'
import type { Followed, FollowNote } from '#apps/node/follow'
import { domains } from '#apps/node/serve'
import { exits } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import { usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { readPolicy } from '#apps/cli/verify'
import { connect } from './connect.ts'

/** Runs `follow URL`. */
export async function runFollow(ask: Ask): Promise<Answer> {
  const { terminal, operands, values, flags } = ask
  const directory = values['directory'] ?? ask.env['LIANBAN_DIRECTORY']
  if (directory === undefined) {
    throw usage('cli/missing-option', '--directory', [
      '请加 --directory DIR：跟随者自己的目录',
      'add --directory DIR: the follower’s own directory',
    ])
  }
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stopping.abort())
  }
  const remote = await connect(ask, operands['URL'] ?? '')
  const policyPath = values['policy']
  const logKeys =
    policyPath === undefined ? null : readPolicy(policyPath).logs.map(({ key }) => key)
  try {
    const ended = await follow({
      directory,
      source: httpSource({ ...remote, signal: stopping.signal }),
      domains,
      ledger: values['ledger'] ?? null,
      logKeys,
      ...listenOf(values['listen']),
      ...recosignOf(values['recosign']),
      once: flags.has('once'),
      signal: stopping.signal,
      say: (note) => tell(terminal, note),
      report: (note) => {
        if (note.level !== 'info' || terminal.verbose) terminal.note(JSON.stringify(note))
      },
      now: () => Date.now(),
      pause: async (ms) => {
        await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined)
      },
    })
    return answerOf(terminal, ended)
  } finally {
    remote.client.close()
  }
}

/** `HOST:PORT`, or a port of the loopback; 0 takes a free one. */
function listenOf(value: string | undefined): { listen?: { host: string; port: number } } {
  if (value === undefined) return {}
  const [, bracketed, plain, digits = ''] =
    /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(value) ?? []
  if (digits !== '' && Number(digits) <= 65_535) {
    return { listen: { host: bracketed ?? plain ?? '127.0.0.1', port: Number(digits) } }
  }
  throw usage('cli/bad-value', value, ['请写作 主机:端口 或 端口', 'write HOST:PORT or PORT'])
}

function recosignOf(value: string | undefined): { recosignMs?: number } {
  if (value === undefined) return {}
  const seconds = /^[1-9]\d{0,6}$/.test(value) ? Number(value) : 0
  if (seconds > 0) return { recosignMs: seconds * 1000 }
  throw usage('cli/bad-value', value, ['请写秒数，至少 1', 'write seconds, at least 1'])
}

function tell(terminal: Terminal, note: FollowNote): void {
  const line = lineOf(terminal, note)
  // What happens comes piece by piece; under --json one object a line.
  if (terminal.json) terminal.piece(note, '')
  else if (!terminal.quiet) terminal.piece(note, line)
}

function lineOf(terminal: Terminal, note: FollowNote): string {
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  switch (note.event) {
    case 'following':
      return words(
        `跟随 ${note.ledger}，从高度 ${note.height} 之后开始`,
        `following ${note.ledger} from height ${note.height} on`,
      )
    case 'checked':
      return words(
        `已重新执行至高度 ${note.height}（${note.size} 条），全部一致`,
        `ran everything again up to height ${note.height} (${note.size} entries): the same`,
      )
    case 'cosigned':
      return note.cosigned
        ? words(`已共签大小 ${note.size} 的检查点`, `cosigned the checkpoint of size ${note.size}`)
        : words(
            `大小 ${note.size} 的检查点一致；没有共签密钥，未共签`,
            `the checkpoint of size ${note.size} agrees; no cosigner key is held here`,
          )
    case 'not-taken':
      return words(
        `节点未接受对大小 ${note.size} 的共签：${note.code}`,
        `the node did not take the cosignature of size ${note.size}: ${note.code}`,
      )
    case 'answering':
      return words(
        `在 ${note.host}:${note.port} 回答最近共签的检查点`,
        `answering for the newest cosigned checkpoint at ${note.host}:${note.port}`,
      )
    case 'waiting':
      return words(`暂时连不上（${note.code}），稍后再试`, `no answer (${note.code}); trying again`)
  }
}

function answerOf(terminal: Terminal, ended: Followed): Answer {
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  switch (ended.ended) {
    case 'stopped':
    case 'caught-up':
      return {
        data: { ok: true, ...ended },
        lines: [words(`停在高度 ${ended.height}`, `stopped at height ${ended.height}`)],
      }
    case 'other-ledger':
      return {
        data: { ok: false, code: 'cli/other-ledger', ledger: ended.ledger },
        lines: [words('这是另一个账本', 'this is another ledger') + `: ${ended.ledger ?? '?'}`],
        exit: exits.unverified,
      }
    case 'alarmed-before': {
      shout(terminal, words('此目录中已有证据', 'evidence stands in this directory'), ended.files)
      return alarmAnswer({ files: ended.files })
    }
    case 'alarm': {
      const { what, height } = ended.alarm
      const said = words(
        `高度 ${height} 处与重新执行的结果不符：${what}`,
        `at height ${height} the log differs from what its commands give: ${what}`,
      )
      shout(terminal, said, [ended.file])
      return alarmAnswer({ what, height, file: ended.file })
    }
  }
}

function alarmAnswer(facts: { readonly [name: string]: unknown }): Answer {
  const data = {
    ok: false,
    verified: false,
    code: 'cli/diverged',
    exit: exits.unverified,
    ...facts,
  }
  return { data, lines: [], exit: exits.unverified }
}

function shout(terminal: Terminal, said: string, files: readonly string[]): void {
  const bar = '!'.repeat(72)
  terminal.shout(terminal.paint('bad', bar))
  terminal.shout(terminal.paint('bad', `cli/diverged: ${said}`))
  for (const file of files) {
    terminal.shout(`${terminal.words('证据', 'evidence')}: ${file}`)
  }
  terminal.shout(
    terminal.words(
      '不再共签。请保全证据，通知其他成员，并请他们各自的跟随者核对同一高度。',
      'Nothing is cosigned any more. Keep the evidence, tell the other members, and have their ' +
        'followers look at the same height.',
    ),
  )
  terminal.shout(terminal.paint('bad', bar))
}
