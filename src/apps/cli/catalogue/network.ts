// Commands that talk to a node.
import { text } from '#apps/cli/output'
import type { Option, Verb } from '#apps/cli/command'

/** The ledger's directory on this machine. */
export const directoryOption: Option = {
  kind: 'text',
  value: 'DIR',
  env: 'LIANBAN_DIRECTORY',
  about: text('账本目录', 'directory of the ledger'),
}

/** How a node is reached; see apps/cli/remote. */
export const reach: { readonly [name: string]: Option } = {
  'token-file': {
    kind: 'text',
    value: 'FILE',
    about: text(
      '运营令牌文件；缺省取账本目录中的',
      'the operator’s token; the one in the directory when absent',
    ),
  },
  keys: { kind: 'text', value: 'DIR', about: text('密钥目录', 'directory of keys') },
  'server-kid': {
    kind: 'text',
    value: 'KID',
    about: text('对方传输密钥的指纹（https）', 'thumbprint of the server’s transport key (https)'),
  },
}

/** How a ledger is reached: a running node, or its directory. */
export const reaching: { readonly [name: string]: Option } = {
  url: { kind: 'text', value: 'URL', about: text('运行中的节点', 'a running node') },
  directory: directoryOption,
  ...reach,
}

export const network: readonly Verb[] = [
  {
    words: ['follow'],
    about: text(
      '跟随账本：逐条重新执行、比对、共签；有出入即报警',
      'follow a log: run everything again, compare, cosign, and shout when it differs',
    ),
    operands: [{ name: 'URL', about: text('节点地址', 'address of the node') }],
    options: {
      directory: directoryOption,
      ...reach,
      ledger: {
        kind: 'text',
        value: 'ORIGIN',
        about: text('账本必须是这一个', 'the ledger that it must be'),
      },
      policy: {
        kind: 'text',
        value: 'FILE',
        about: text('账本密钥以此策略为准', 'the log’s keys, from a trust policy'),
      },
      listen: {
        kind: 'text',
        value: 'HOST:PORT',
        about: text(
          '在此回答“最近共签的检查点”；只写端口即本机',
          'answer there what was cosigned last; a port alone is this machine’s',
        ),
      },
      recosign: {
        kind: 'text',
        value: 'SECONDS',
        about: text(
          '同一检查点隔多久重新共签；缺省 3600',
          'after how long the same checkpoint is cosigned again; 3600 when absent',
        ),
      },
      once: { kind: 'flag', about: text('追上后即结束', 'end when caught up') },
    },
    run: async (ask) => (await import('#apps/cli/remote')).runFollow(ask),
  },
]
