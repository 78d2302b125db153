// `lianban demo`: what this ledger is, as a story in a minute. Three departments send commands, a
// follower checks them again, one entry is proven to somebody without a network, and then the
// operator rewrites history with all the keys it has, and is found twice.
import fs from 'node:fs'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { latin1Decode } from '#base/bytes'
import { assert } from '#base/assert'
import { decodeSubmission, isRefusal } from '#ledger/command'
import type { Command, Value } from '#ledger/command'
import { HttpClient } from '#adapters/transport'
import { readSecretFile } from '#adapters/keys'
import { exits, foldLines, Stop } from '#apps/cli/output'
import type { Answer, Terminal } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { getBytes } from '#apps/cli/remote'
import { layoutOf } from '#apps/node/config'
import type { RunningNode } from '#apps/node/serve'
import { forge } from './forge.ts'
import { readFrames, replaceHistory } from './rewrite.ts'
import { checkpointed, commandOf, ledger, openStage, openStageNode } from './stage.ts'
import { run, submit, urlOf } from './stage.ts'
import type { Ran, Stage } from './stage.ts'

/** Cells of a line at most. */
const widthMax = 96

/** Runs `demo`. */
export async function runDemo(ask: Ask): Promise<Answer> {
  const began = performance.now()
  const { stage, params } = await openStage()
  try {
    const story = new Story(ask.terminal, stage)
    const facts = await story.tell(params)
    const seconds = Math.round((performance.now() - began) / 100) / 10
    return { data: { ok: true, ledger, seconds, ...facts }, lines: [`${seconds} s`] }
  } finally {
    if (ask.flags.has('keep')) ask.terminal.note(stage.root)
    else fs.rmSync(stage.root, { recursive: true, force: true })
  }
}

type Facts = { readonly [name: string]: string | number }

class Story {
  readonly #terminal: Terminal
  readonly #stage: Stage
  readonly #house = randomBytes(16).toString('base64url')
  #step = 0

  constructor(terminal: Terminal, stage: Stage) {
    this.#terminal = terminal
    this.#stage = stage
  }

  async tell(params: Value): Promise<Facts> {
    this.#head(
      '一个账本，三个部门：不动产登记、税务、供水。登记部门运营节点。（练习数据）',
      'One ledger, three departments: land registry, tax, water. Land runs the node. (practice)',
    )
    const node = await openStageNode(this.#stage, params)
    let facts: Facts
    try {
      const entry = await this.#commands(node)
      const grades = await this.#grades(node, entry)
      await this.#prove(node, entry)
      facts = { entry, ...grades }
    } finally {
      await node.stop()
    }
    await this.#rewrite()
    return { ...facts, found: 2 }
  }

  async #commands({ host }: RunningNode): Promise<number> {
    this.#head(
      '各部门用自己的密钥签命令；回执在落盘之后才发出。拒绝也留下条目。',
      'Each department signs its commands; a receipt leaves once they are on disk. A no is an ' +
        'entry as well.',
    )
    const { keys } = this.#stage
    const mark = { handle: this.#house, kind: 'hold' }
    const acts = [
      ['tax', 'mark.set', mark, '税务：此房有欠税，暂缓', 'tax: taxes are owed, hold'],
      ['water', 'mark.set', { ...mark, kind: 'disputed' }, '供水：账单有争议', 'water: disputed'],
      ['land', 'mark.clear', mark, '登记部门想替税务解除', 'land tries to lift the mark of tax'],
    ] as const
    let first = -1
    for (const [member, type, body, zh, en] of acts) {
      const { entry, code, grade } = await submit(host, commandOf(keys, member, { type, body }))
      if (first < 0) first = entry
      this.#line(`${this.#terminal.words(zh, en)} → #${entry} ${code}, ${grade}`)
    }
    return first
  }

  async #grades(node: RunningNode, entry: number): Promise<Facts> {
    const { host } = node
    this.#head(
      '十秒之内，节点为全部历史签一个检查点：此后它再也不能改口而不自相矛盾。',
      'Within ten seconds the node signs a checkpoint over all history, and from then on it ' +
        'cannot change it without contradicting itself.',
    )
    await checkpointed(host, entry + 2)
    const alone = host.receiptAt(entry)?.grade ?? ''
    this.#line(`#${entry}: ${alone} — ${this.#terminal.words('一家之言', 'the word of one')}`)
    this.#head(
      '税务在自己的目录、用自己的密钥运行跟随者：取回每一块，重新执行，逐字节比对，然后共签。',
      'Tax runs a follower with a directory and a key of its own: it fetches every block, runs it ' +
        'again, compares every byte, and cosigns.',
    )
    const followed = await this.#follow(node)
    this.#must(followed, exits.ok)
    this.#quote(followed.out)
    const validated = host.receiptAt(entry)?.grade ?? ''
    this.#line(
      `#${entry}: ${validated} — ${this.#terminal.words('一家独立重算', 'one other ran it again')}`,
    )
    return { alone, validated }
  }

  #follow(node: RunningNode): Promise<Ran> {
    const { follower, node: directory } = this.#stage
    const token = ['--token-file', layoutOf(directory).token]
    return run([
      'follow',
      urlOf(node),
      '--directory',
      follower,
      '--once',
      ...this.#language(),
      ...token,
    ])
  }

  async #prove(node: RunningNode, entry: number): Promise<void> {
    this.#head(
      '第一条命令的证据是一个文件。断网核验：另一个进程，没有网络权限，只给信任策略。',
      'The evidence of the first command is one file. It is verified offline: another process ' +
        'without permission to use the network, given nothing but a trust policy.',
    )
    const { root, node: directory } = this.#stage
    const origin = urlOf(node)
    const token = Buffer.from(readSecretFile(layoutOf(directory).token)).toString()
    const client = new HttpClient({ servers: [{ origin }] })
    const remote = { client, base: `${origin}/v1/`, headers: { authorization: `Bearer ${token}` } }
    for (const [path, name] of [
      [`entries/${entry}/evidence`, 'evidence.json'],
      ['policy', 'policy'],
      ['checkpoint', 'saved-checkpoint'],
    ] as const) {
      fs.writeFileSync(join(root, name), await getBytes(remote, path))
    }
    client.close()
    const cut = ['--permission', '--allow-fs-read=*']
    const words = ['verify', join(root, 'evidence.json'), '--policy', join(root, 'policy')]
    const verified = await run([...words, ...this.#language()], cut)
    this.#must(verified, exits.ok)
    this.#quote(verified.out)
  }

  async #rewrite(): Promise<void> {
    const { keys, node: directory, root } = this.#stage
    this.#head(
      '现在运营方改写历史：抹去税务的暂缓，用它持有的全部密钥重签，其后的一切重新执行。',
      'Now the operator rewrites history: the hold of tax becomes something else, signed again ' +
        'with every key that it holds, and all that followed is run again.',
    )
    const { ledger: place } = layoutOf(directory)
    const frames = readFrames(place)
    const forged = forge(ledger, frames, (commands) => commands.map((one) => this.#other(one)))
    await replaceHistory(place, forged, { keys, ledger })
    const alone = await run(['ledger', 'verify', '--directory', directory, ...this.#language()])
    this.#must(alone, exits.ok)
    this.#line(`ledger verify → ${alone.out.split('\n')[0] ?? ''}`)
    this.#line(this.#terminal.words('单看它自己，毫无破绽。', 'By itself it is flawless.'))
    this.#head(
      '但有人存过先前的检查点，一比便知。',
      'But somebody kept the earlier checkpoint, and one comparison is enough.',
    )
    const saved = ['--from-checkpoint', join(root, 'saved-checkpoint')]
    const words = ['ledger', 'verify', '--directory', directory, ...this.#language(), ...saved]
    const compared = await run(words)
    this.#must(compared, exits.unverified)
    this.#quote(compared.err.replaceAll(root, '…'))
    this.#head(
      '跟随者也不再共签，并写下证据：节点亲手签了两个互相矛盾的检查点。',
      'The follower cosigns no more and writes down the evidence: the node itself has signed two ' +
        'checkpoints that contradict each other.',
    )
    const node = await openStageNode(this.#stage, null)
    try {
      const shouted = await this.#follow(node)
      this.#must(shouted, exits.unverified)
      this.#quote(shouted.err.replaceAll(root, '…'))
    } finally {
      await node.stop()
    }
  }

  /** The same command with another body, signed again; every other command as it was. */
  #other(command: Command): Command {
    const [intent] = command.intents
    const { kind } = intent?.body ?? {}
    if (intent?.type !== 'mark.set' || kind !== 'hold') return command
    const { type, id, notAfter } = intent
    const body = { handle: this.#house, kind: 'disputed' }
    const text = commandOf(this.#stage.keys, 'tax', { type, body, id, notAfter })
    const decoded = decodeSubmission(text)
    assert(!isRefusal(decoded), 'what is signed again is well formed')
    return decoded
  }

  #head(zh: string, en: string): void {
    if (this.#terminal.json) return
    this.#step += 1
    const number = this.#terminal.paint('bold', `${this.#step}.`)
    const said = foldLines(`   ${this.#terminal.words(zh, en)}`, widthMax, '   ')
    for (const [at, line] of said.entries()) {
      this.#terminal.piece({}, at === 0 ? `\n${number} ${line.trimStart()}` : line)
    }
  }

  #language(): readonly string[] {
    return ['--lang', this.#terminal.language]
  }

  #line(line: string): void {
    if (!this.#terminal.json) this.#terminal.piece({}, `   · ${line}`)
  }

  #quote(said: string): void {
    for (const line of said.trimEnd().split('\n')) {
      if (!this.#terminal.json)
        this.#terminal.piece({}, this.#terminal.paint('dim', `   | ${line}`))
    }
  }

  /** A story that goes otherwise than told is a failure of the program. */
  #must({ exit, out, err }: Ran, wanted: number): void {
    if (exit === wanted) return
    const said = `exit ${exit}: ${latin1Decode(Buffer.from(out + err))}`
    throw new Stop({ code: 'cli/defect', exit: exits.failure, text: { zh: said, en: said } })
  }
}
