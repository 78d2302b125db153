// Load files as commands find them: those of the city's pack, which the house itself answers for,
// and the one that somebody names, which counts only as its steward has confirmed it. A file that
// is none is refused with every fault of it at once.
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { City } from '#apps/node/city'
import { memberLayout } from '#apps/node/city'
import { decodeLoadFile, isLoadFile, loadFaultTexts, loadFileHash } from '#apps/node/loading'
import type { LoadFile } from '#apps/node/loading'
import type { Change, Standing } from '#apps/node/stewards'
import { standingOf } from '#apps/node/stewards'
import { exits, Stop, text } from '#apps/cli/output'
import type { Text } from '#apps/cli/output'
import { memberCodes, misfits, plain, readDeclared } from './declared-files.ts'
import { needOffice, officeOf } from './looking.ts'

const packFolder = fileURLToPath(new URL('../../../../packs/beijing/load/', import.meta.url))
/** As many changes as fit under a message. */
const changesShown = 8

/** The load files of the pack by their names. */
export function packLoadFiles(): readonly LoadFile[] {
  const names = fs.readdirSync(packFolder).filter((name) => name.endsWith('.json'))
  return names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => readLoadFile(packFolder + name))
}

/** The load file at a path, or the end of the command with every fault. Untrusted. */
export function readLoadFile(path: string): LoadFile {
  const file = decodeLoadFile(readDeclared(path), memberCodes())
  if (isLoadFile(file)) return file
  throw misfits(path, file, { code: 'node/load-misfit', texts: loadFaultTexts })
}

/** Ends the command where a file is neither the pack's nor confirmed by a steward of its own. */
export function needConfirmed(
  file: LoadFile,
  path: string,
  of: { readonly directory: string; readonly city: City | null; readonly ledger: string },
): void {
  const hash = loadFileHash(file)
  if (packLoadFiles().some((each) => loadFileHash(each) === hash)) return
  const { directory, city, ledger } = of
  const { steward } = file
  const { registry } = needOffice(officeOf(directory, city, steward), steward)
  const { root } = memberLayout(directory, steward, false)
  const standing = standingOf(root, file, { ledger, registry })
  if (!standing.confirmed) throw unconfirmed(standing, { path, directory, steward })
}

function unconfirmed(
  { code, changes }: Extract<Standing, { readonly confirmed: false }>,
  of: { readonly path: string; readonly directory: string; readonly steward: string },
): Stop {
  const { path, directory, steward } = of
  const said: { readonly [code: string]: Text } = {
    'node/unconfirmed': text(
      '该部门的数据管理员尚未确认此载入文件',
      'no steward of the department has confirmed this load file',
    ),
    'node/confirmed-otherwise': text(
      `确认之后有改动：${changed(changes)}`,
      `changed since it was confirmed: ${changed(changes)}`,
    ),
    'node/confirmation-damaged': text(
      '保存的确认无法读取，或属于另一文件',
      'the kept confirmation cannot be read, or is that of another file',
    ),
  }
  const command = `lianban source confirm ${path} --directory ${directory} --as ${steward}`
  return new Stop({
    code,
    exit: exits.conflict,
    at: path,
    ...(said[code] === undefined ? {} : { text: said[code] }),
    remedy: text(`看过之后：${command}`, `look at it, then: ${command}`),
  })
}

function changed(changes: readonly Change[]): string {
  const shown = changes.slice(0, changesShown).map(({ path, before, now }) => {
    return plain(`${path} ${before ?? '-'} → ${now ?? '-'}`)
  })
  const rest = changes.length - shown.length
  return rest > 0 ? `${shown.join('; ')}; … +${rest}` : shown.join('; ')
}
