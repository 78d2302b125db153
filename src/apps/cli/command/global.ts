// Options that every command has.
import { text } from '#apps/cli/output'
import type { Option } from './spec.ts'

export const globalOptions: { readonly [name: string]: Option } = {
  json: {
    kind: 'flag',
    about: text('标准输出只打印一个 JSON 值', 'print one JSON value and nothing else'),
  },
  lang: {
    kind: 'text',
    value: 'zh|en',
    env: 'LIANBAN_LANG',
    about: text('语言；缺省按 LANG', 'language; LANG decides when absent'),
  },
  quiet: { kind: 'flag', about: text('不打印进度与提示', 'no progress and no notes') },
  verbose: { kind: 'flag', about: text('打印更多细节', 'print more') },
  help: { kind: 'flag', about: text('打印用法', 'print the usage') },
}
