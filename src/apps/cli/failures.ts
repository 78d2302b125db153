// What was thrown, as the end of a command: failures of the disk, the network, the keys and the
// configuration get the exit code that a script can act on, and a remedy where one is known.
import { exits, pathStop, Stop, systemSaid, text } from '#apps/cli/output'
import type { Exit, Text } from '#apps/cli/output'

const exitByCode: { readonly [code: string]: Exit } = {
  'storage/locked': exits.conflict,
  'storage/no-space': exits.unavailable,
  'storage/journal-corrupt': exits.unverified,
  'storage/corrupt': exits.unverified,
  'vault/no-space': exits.unavailable,
  'vault/corrupt': exits.unverified,
  'vault/log-corrupt': exits.unverified,
  'vault/keys-corrupt': exits.unverified,
  'vault/keys-missing': exits.unverified,
  'vault/values-missing': exits.unverified,
  'vault/bad-backup': exits.unverified,
  'vault/bad-share': exits.unverified,
  'transport/unreachable': exits.unavailable,
  'transport/timeout': exits.unavailable,
  'transport/bad-status': exits.unavailable,
  'node/unknown-setting': exits.usage,
  'node/bad-setting': exits.usage,
  'node/missing-setting': exits.usage,
  'node/port-taken': exits.conflict,
}

const remedies: { readonly [code: string]: Text } = {
  'storage/locked': text(
    '此目录正由另一进程使用：用 --url 经其节点操作，或先停止它',
    'another process uses this directory: go through its node with --url, or stop it first',
  ),
  'storage/no-space': text('腾出磁盘空间后重试', 'make room on the disk and try again'),
  'storage/journal-corrupt': text(
    '不要删除任何文件；从备份或跟随者恢复，见 docs/operations/backup.md',
    'remove nothing; restore from a backup or a follower, see docs/operations/backup.md',
  ),
  'node/other-code': text(
    '此账本约定由另一版本执行：安装该版本，或由成员表决升级（governance.propose upgrade）',
    'the members have agreed on another release: install it, or let them vote for this one',
  ),
  'transport/unreachable': text('节点在运行吗？地址对吗？', 'does the node run, at this address?'),
}

/** The end of a command that threw this. A defect of the program is exit code 1 with its claim. */
export function asStop(error: unknown): Stop {
  if (error instanceof Stop) return error
  const ofSystem = systemStop(error)
  if (ofSystem !== null) return ofSystem
  const code = codeOf(error)
  const detail = error instanceof Error ? error.message : String(error)
  if (code === null) {
    return new Stop({
      code: 'cli/defect',
      exit: exits.failure,
      text: text(detail, detail),
      remedy: text(
        '请连同 --verbose 的输出一并报告',
        'please report it with the output of --verbose',
      ),
    })
  }
  const place = error instanceof Error && 'place' in error ? String(error.place) : undefined
  return new Stop({
    code,
    exit: exitByCode[code] ?? exits.failure,
    at: place,
    text: text(detail, detail),
    remedy: remedies[code],
  })
}

/** What SQLite says of the disk under it, by its result codes, as the system would say it. */
const ofSqlite: { readonly [result: number]: string } = { 8: 'EROFS', 10: 'EIO', 13: 'ENOSPC' }

const writing: readonly string[] = [
  'copyfile',
  'fsync',
  'link',
  'mkdir',
  'rename',
  'unlink',
  'write',
]

/** The end of a command to which the operating system said no, as far as that is known here. */
function systemStop(error: unknown): Stop | null {
  if (!(error instanceof Error)) return null
  const { code, errcode, path, syscall } = error as NodeJS.ErrnoException & { errcode?: number }
  const result = (errcode ?? 0) & 0xff
  const name = code === 'ERR_SQLITE_ERROR' ? ofSqlite[result] : code
  if (name === undefined || systemSaid(name) === undefined) return null
  if (name === 'ENOSPC') {
    const remedy = remedies['storage/no-space']
    return new Stop({ code: 'storage/no-space', exit: exits.unavailable, at: path, remedy })
  }
  const isWriting = syscall === undefined || writing.includes(syscall)
  return pathStop(isWriting ? 'cli/not-written' : 'cli/not-read', path, { code: name })
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null
  return /^[a-z]+\/[a-z0-9-]+$/.test(error.code) ? error.code : null
}
