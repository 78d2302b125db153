// `lianban init`: a directory with keys and a genesis. From its first block on a ledger is what its
// founders agreed on, so everything is checked before that block is written.
import fs from 'node:fs'
import { randomBytes } from 'node:crypto'
import { isOrigin } from '#ledger/command'
import { inlineVerifier } from '#adapters/consensus'
import { fsDisk, lockDirectory } from '#adapters/storage'
import { exits, Stop, tableLines, text } from '#apps/cli/output'
import type { Answer } from '#apps/cli/output'
import { usage } from '#apps/cli/command'
import type { Ask } from '#apps/cli/command'
import { keysOf, pathOf } from '#apps/cli/directory'
import { layoutOf } from '#apps/node/config'
import { codeVersion, openHost } from '#apps/node/host'
import { domains, readBeginning } from '#apps/node/serve'
import { foundersOf, paramsOf } from './founders.ts'
import type { FoundersWish } from './founders.ts'

/** Runs `init`. */
export async function initLedger(ask: Ask): Promise<Answer> {
  const path = pathOf(ask)
  const layout = layoutOf(path)
  const wish = foundersOf(ask)
  if (!isOrigin(wish.ledger)) {
    throw usage('cli/bad-value', wish.ledger, [
      '账本名形如 city.example/one',
      'a ledger is named like city.example/one',
    ])
  }
  if (fs.existsSync(layout.ledger) && readBeginning(fsDisk(layout.ledger)) !== null) {
    throw new Stop({
      code: 'cli/not-empty',
      exit: exits.conflict,
      at: path,
      remedy: text('此目录已有账本', 'this directory holds a ledger'),
    })
  }
  if (ask.flags.has('dry-run')) return answerOf(ask, path, wish)
  fs.mkdirSync(path, { recursive: true, mode: 0o700 })
  const unlock = lockDirectory(layout.ledger)
  try {
    const store = keysOf(ask, layout)
    const time = Date.now()
    // If we crash here, there are keys and no ledger, and the same command goes on with them.
    const params = paramsOf(wish, store, time)
    const host = openHost({
      disk: fsDisk(layout.ledger),
      ledger: wish.ledger,
      domains,
      code: codeVersion(),
      seed: randomBytes(4).readUInt32BE(),
      verifier: inlineVerifier(),
      signer: null,
      genesis: { params, time },
      practice: wish.practice,
      readOnly: true,
    })
    await host.close()
    return answerOf(ask, path, wish)
  } finally {
    unlock()
  }
}

function answerOf({ terminal, flags }: Ask, path: string, wish: FoundersWish): Answer {
  const words = (zh: string, en: string): string => terminal.words(zh, en)
  const { ledger, practice, operator, members } = wish
  const dryRun = flags.has('dry-run')
  const said = dryRun
    ? words(`将建立账本 ${ledger}`, `would begin the ledger ${ledger}`)
    : words(`已建立账本 ${ledger}`, `began the ledger ${ledger}`)
  return {
    data: {
      ok: true,
      ledger,
      directory: path,
      practice,
      operator,
      dryRun,
      members: members.map(({ code }) => code),
    },
    lines: [
      practice ? `${said} (${words('练习', 'practice')})` : said,
      ...tableLines([
        [`  ${words('目录', 'directory')}`, path],
        [`  ${words('运营方', 'operator')}`, operator],
        ...members.map(({ code, kind, make, bring }) => [
          `  ${code}`,
          `${kind}: ${[...make, ...bring.map(({ use }) => use)].join(', ')}`,
        ]),
      ]),
      words(
        `启动节点：node src/apps/node/main.ts serve --directory ${path}`,
        `start its node: node src/apps/node/main.ts serve --directory ${path}`,
      ),
    ],
  }
}
