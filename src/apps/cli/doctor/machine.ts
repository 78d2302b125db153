// The machine under a ledger: its runtime, clock, disk, files and port.
import fs from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { text } from '#apps/cli/output'
import type { Layout } from '#apps/node/config'
import type { Finding } from './findings.ts'
import { finding, plain } from './findings.ts'

const wanted = 26
const floor = 24

/** The runtime: frames carry its exact version, so another one is another release. */
export function runtimeFinding(version: string = process.versions.node): Finding {
  const major = Number(version.split('.')[0])
  const name = text('运行环境', 'runtime')
  const said = plain(`Node ${version}`)
  const remedy = text(
    `请用本项目 node_modules 中的 Node ${wanted}（npm ci）`,
    `use the Node ${wanted} in this project’s node_modules (npm ci)`,
  )
  if (major === wanted) return finding('runtime', 'ok', { name, said })
  return finding('runtime', major >= floor ? 'warn' : 'bad', { name, said, remedy })
}

/** Before this the clock of no machine that runs this release can stand. */
const released = Date.UTC(2026, 0, 1)
const aheadMsMax = 60_000

/** The clock against the release and against the ledger's own time, which never runs backwards. */
export function clockFinding(now: number, ledgerTime: number | null): Finding {
  const name = text('时钟', 'clock')
  const said = plain(new Date(now).toISOString())
  const remedy = text('请启用时间同步（NTP）后重试', 'let NTP set the clock, then try again')
  if (now < released) return finding('clock', 'bad', { name, said, remedy })
  if (ledgerTime === null || now + aheadMsMax >= ledgerTime) {
    return finding('clock', 'ok', { name, said })
  }
  const behind = Math.round((ledgerTime - now) / 1000)
  return finding('clock', 'bad', {
    name,
    said: text(`比账本时间慢 ${behind} 秒`, `${behind} s behind the time of the ledger`),
    remedy,
  })
}

const gib = 1024 ** 3
const spaceWarn = 5 * gib
const spaceBad = gib / 4

/** Free space where the ledger lies. */
export function spaceFinding(path: string): Finding {
  const { bavail, bsize, blocks } = fs.statfsSync(path)
  const free = bavail * bsize
  const percent = blocks === 0 ? 0 : Math.floor((100 * bavail) / blocks)
  const said = plain(`${(free / gib).toFixed(1)} GiB (${percent} %)`)
  const level = free < spaceBad ? 'bad' : free < spaceWarn ? 'warn' : 'ok'
  return finding('space', level, {
    name: text('可用空间', 'free space'),
    said,
    remedy: text(
      '磁盘满时账本拒绝写入；请扩容或移走旧备份',
      'a full disk refuses commands: grow it, or move old backups away',
    ),
  })
}

/** Files that somebody else may read or write, or that belong to another user. */
export function permissionFinding(path: string, layout: Layout): Finding {
  const name = text('权限', 'permissions')
  const uid = process.geteuid?.()
  if (uid === undefined)
    return finding('permissions', 'ok', { name, said: plain(process.platform) })
  const open: string[] = []
  for (const each of [path, layout.ledger, layout.keys, layout.token, ...keyFiles(layout.keys)]) {
    const stat = fs.statSync(each, { throwIfNoEntry: false })
    if (stat === undefined) continue
    if ((stat.mode & 0o077) !== 0 || stat.uid !== uid) open.push(each)
  }
  if (open.length === 0) {
    const said = text('仅属主可读写', 'for the owner alone')
    return finding('permissions', 'ok', { name, said })
  }
  const inner = open.some((each) => each !== path)
  return finding('permissions', inner ? 'bad' : 'warn', {
    name,
    said: plain(open.join(', ')),
    remedy: plain(`chmod -R go= '${path}'`),
  })
}

function keyFiles(folder: string): readonly string[] {
  if (!fs.existsSync(folder)) return []
  return fs.readdirSync(folder).map((name) => join(folder, name))
}

/** Whether the node's port is free, or whether a node answers on it. */
export async function portFinding(host: string, port: number): Promise<Finding> {
  const name = text('端口', 'port')
  const place = `${host}:${port}`
  const taken = await isTaken(host, port)
  if (!taken) {
    return finding('port', 'ok', { name, said: text(`${place} 空闲`, `${place} is free`) })
  }
  const ready = await isReady(host, port)
  if (ready) {
    const said = text(`${place} 上节点就绪`, `a node is ready on ${place}`)
    return finding('port', 'ok', { name, said })
  }
  return finding('port', 'warn', {
    name,
    said: text(`${place} 已被占用`, `${place} is taken`),
    remedy: text('换一个端口：--listen-port', 'choose another one: --listen-port'),
  })
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(true))
    server.listen({ host, port }, () => server.close(() => resolve(false)))
  })
}

async function isReady(host: string, port: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(2000)
    const answer = await fetch(`http://${host}:${port}/readyz`, { signal })
    return answer.ok
  } catch {
    return false
  }
}
