// Companies as a published list has them whose code is none: they come to the counter with what the
// list says, and are refused there with the reason. They are in no register.
import fs from 'node:fs'
import { join } from 'node:path'
import { isUscc } from '#base/codes'
import { trySource } from '#adapters/sources'
import { openSource } from '#apps/cli/source'
import type { Applicant } from './accounts.ts'
import { packLoadFiles } from '#apps/cli/city'

/** Nobody represents a company that does not exist under its code. */
const nobody = { code: '', name: '' }

/** Rows of the files of companies in a directory whose code is not valid. */
export async function invalidApplicants(data: string): Promise<readonly Applicant[]> {
  const found: Applicant[] = []
  for (const file of packLoadFiles()) {
    const { uscc, name } = file.fields
    const isFirms = file.tables.some(({ firms }) => firms !== undefined)
    const path = join(data, file.file)
    if (!isFirms || uscc === undefined || name === undefined || !fs.existsSync(path)) continue
    const source = await openSource(path)
    const { header, columns } = await trySource(source, { first: 0 })
    const place = (of: string): number => columns.findIndex((each) => each.name === of)
    const [code, called] = [place(uscc.column), place(name.column)]
    await source.rows.scan(({ number, cells }) => {
      if (number <= header.row) return
      const [text = '', who = ''] = [cells[code]?.text.trim(), cells[called]?.text.trim()]
      if (who !== '' && !isUscc(text)) found.push({ code: text, name: who, rep: nobody })
    })
  }
  return found
}
