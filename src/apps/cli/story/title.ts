// The end of the story: the new title as a certificate. Everything that proves it goes into one
// file, and another process that may not use the network judges it, whole and with one bit changed.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { isRefusal } from '#ledger/command'
import { showFields } from '#domains/certificates'
import { certificateEvidence, certificatesOf } from '#apps/node/certificates'
import type { Stage } from './stage.ts'
import { defect } from './stage.ts'
import type { Teller } from './teller.ts'

/** What the verifier without a network said of the file, and of the file with one bit changed. */
export type TitleJudged = {
  readonly bytes: number
  readonly outcome: string
  readonly changed: string
}

/** What a title shows where its number and its home are all that is asked. */
const shown = ['certNo', 'unit']

/** Checkpoints come every ten seconds of the practice clock. */
const passMs = 11_000
const passesMax = 12

/** The register's certificate of this case, judged with the network cut. */
export async function tellTitle(stage: Stage, teller: Teller, id: string): Promise<TitleJudged> {
  teller.scene(
    '新证书是一个文件：证照、账本上的签发、登记状态、检查点。断开网络，交给另一个进程核验。',
    'The new title is one file: certificate, issue on the ledger, status, checkpoint. Another ' +
      'process judges it with the network cut.',
  )
  const file = await fileOf(stage, id)
  const path = join(stage.root, 'title.certificate')
  const policy = join(stage.root, 'policy')
  const { host } = stage.city.node
  fs.writeFileSync(path, file)
  fs.writeFileSync(policy, host.registry.policyText(host.ledger, host.head().height))
  const said = judged(path, policy, ['--lang', teller.language])
  teller.quote(said)
  const changed = file.slice()
  const middle = Math.floor(changed.length / 2)
  changed[middle] = (changed[middle] ?? 0) ^ 1
  const other = join(stage.root, 'changed.certificate')
  fs.writeFileSync(other, changed)
  const outcomes = [path, other].map((each) => outcomeOf(judged(each, policy, ['--json'])))
  const [outcome = '', broken = ''] = outcomes
  if (broken !== 'not-genuine') throw defect(`a changed title is ${broken}`)
  teller.line('改动一个比特之后：不是真的（not-genuine）', `with one bit changed: ${broken}`)
  if (outcome !== 'valid') throw defect(`the title is ${outcome}: ${said}`)
  return { bytes: file.length, outcome, changed: broken }
}

async function fileOf(stage: Stage, id: string): Promise<Uint8Array> {
  const [title] = certificatesOf(stage.member('planning').vault, { case: id, item: 'newTitle' })
  const credential = title === undefined ? title : showFields(title.credential, shown)
  if (typeof credential !== 'string') throw defect('no title was certified')
  for (let left = passesMax; left > 0; left -= 1) {
    const file = certificateEvidence(stage.city.node.host, credential)
    if (!isRefusal(file)) return file
    await stage.pass(passMs)
  }
  throw defect('no checkpoint covers the title')
}

/** What `lianban verify` prints in a process that may read files and nothing else. */
function judged(path: string, policy: string, more: readonly string[]): string {
  const program = join(import.meta.dirname, '..', 'main.ts')
  const words = ['--permission', '--allow-fs-read=*', program, 'verify', path, '--policy', policy]
  const { stdout } = spawnSync(process.execPath, [...words, ...more], { encoding: 'utf8' })
  return stdout
}

function outcomeOf(said: string): string {
  try {
    return (JSON.parse(said) as { readonly outcome: string }).outcome
  } catch {
    throw defect(said)
  }
}
