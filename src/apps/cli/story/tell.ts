// `lianban demo`: the whole story, from the counter to the evidence file.
import fs from 'node:fs'
import type { Answer } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
import { application, tellFigures, tellSale, tellSeal, tellSilence } from './home.ts'
import { tellList } from './list.ts'
import { namesOf } from './names.ts'
import { openStage } from './stage.ts'
import { Teller } from './teller.ts'
import { tellTitle } from './title.ts'
import { figuresOfCase, openLinesOf, timelineOf, traceOf } from './trace.ts'

/** Runs `demo`. */
export async function tellHome(ask: Ask): Promise<Answer> {
  const began = performance.now()
  const teller = new Teller(ask.terminal)
  teller.scene(
    '练习城市：十一个部门、银行、公证处，各有自己的密钥、保险库、系统和网关。全部在一个进程里，时钟是练习用的。',
    'A practice city: eleven sectors, banks, a notary, each with keys, a vault, a system and a ' +
      'gateway of its own. Practice, one operator, and a practice clock.',
  )
  const stage = await openStage()
  teller.by(() => stage.clock.wallMs())
  try {
    const { case: id, paid, due } = await tellSale(stage, teller)
    const kept = await tellSeal(stage, teller)
    const late = await tellSilence(stage, teller, id)
    await stage.flush()
    const { city } = stage
    const trace = traceOf(city, id)
    const figures = figuresOfCase(city, stage.application(application), trace)
    teller.scene('这一件的经过，按部门。', 'What happened in this case, by department.')
    const names = namesOf(stage, application, teller.language)
    teller.quote([...timelineOf(city, names, trace), ...openLinesOf(city, names, id)].join('\n'))
    teller.line(
      '每一件都有这些环节；不适用的也留一行，外人看不出有没有抵押、有没有贷款',
      'every transfer has these lines, also where an act does not apply, so that none of them ' +
        'says whether there was a mortgage or a loan',
    )
    teller.scene('这一件的数字。', 'The figures of this case.')
    teller.line(
      `交纸 ${figures.sheets} 张，跑 ${figures.trips} 次，${figures.workingDays} 个工作日，账本 ${figures.entries} 条`,
      `sheets ${figures.sheets}, trips ${figures.trips}, working days ${figures.workingDays}, ` +
        `entries ${figures.entries}`,
    )
    tellFigures(stage, teller)
    const list = await tellList(stage, teller)
    const title = await tellTitle(stage, teller, id)
    const seconds = Math.round((performance.now() - began) / 100) / 10
    const found = { case: id, ...figures, paid, due, kept, late, list, title }
    return { data: { ok: true, practice: true, seconds, ...found }, lines: teller.took(seconds) }
  } finally {
    await stage.close(ask.flags.has('keep'))
    if (ask.flags.has('keep') && fs.existsSync(stage.root)) ask.terminal.note(stage.root)
  }
}
