// What the operating system says no to, in words and with a remedy: no such file, a directory where
// a file is wanted, no permission, a full disk. Its own short names never reach a reader alone.
import { exits, Stop } from './stop.ts'
import { text } from './language.ts'
import type { Text } from './language.ts'

type Said = { readonly meaning: Text; readonly remedy: Text }

const said: { readonly [name: string]: Said } = {
  ENOENT: {
    meaning: text('没有这个文件或目录', 'there is no such file or directory'),
    remedy: text('请检查路径', 'check the path'),
  },
  ENOTDIR: {
    meaning: text('路径中有一段不是目录', 'a part of the path is no directory'),
    remedy: text('请检查路径', 'check the path'),
  },
  EISDIR: {
    meaning: text('这是目录，不是文件', 'it is a directory and no file'),
    remedy: text('请指明其中的一个文件', 'name a file in it'),
  },
  EACCES: {
    meaning: text('没有权限', 'permission is denied'),
    remedy: text('请换一个有权限的账户或路径', 'use an account or a path that has it'),
  },
  EEXIST: {
    meaning: text('已有同名文件', 'there is a file of this name'),
    remedy: text(
      '请换一个名称：已有的文件不会被覆盖',
      'choose another name: no file is overwritten',
    ),
  },
  ENOSPC: {
    meaning: text('磁盘已满', 'the disk is full'),
    remedy: text('请腾出磁盘空间后重试', 'make room on the disk and try again'),
  },
  EDQUOT: {
    meaning: text('磁盘配额已用尽', 'the quota of the disk is used up'),
    remedy: text('请腾出磁盘空间后重试', 'make room on the disk and try again'),
  },
  EROFS: {
    meaning: text('磁盘只读', 'the disk can only be read'),
    remedy: text('请换一个可写的路径', 'choose a path that can be written'),
  },
  ENAMETOOLONG: {
    meaning: text('名称过长', 'the name is too long'),
    remedy: text('请换一个较短的名称', 'choose a shorter name'),
  },
  EIO: {
    meaning: text('磁盘读写出错', 'the disk failed'),
    remedy: text('请检查磁盘', 'look at the disk'),
  },
}

const alike: { readonly [name: string]: string } = { EPERM: 'EACCES' }

/** What a short name of the system means; undefined where it is none that is known here. */
export function systemSaid(name: string): Said | undefined {
  const known = alike[name] ?? name
  return Object.hasOwn(said, known) ? said[known] : undefined
}

/** The end of a command that could not read or write a path. */
export function pathStop(
  code: 'cli/not-read' | 'cli/not-written',
  at: string | undefined,
  error: unknown,
): Stop {
  const { code: name = 'unknown' } = error as NodeJS.ErrnoException
  const known = systemSaid(name)
  const isFull = name === 'ENOSPC' || name === 'EDQUOT'
  const [zh, en] =
    code === 'cli/not-read' ? ['无法读取', 'cannot be read'] : ['无法写入', 'cannot be written']
  return new Stop({
    code,
    exit: isFull ? exits.unavailable : exits.failure,
    at,
    text: text(`${zh}：${known?.meaning.zh ?? name}`, `${en}: ${known?.meaning.en ?? name}`),
    remedy: known?.remedy,
  })
}
