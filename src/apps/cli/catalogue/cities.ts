// Commands about the practice city: what is loaded into it, and what is run on it.
import { text } from '#apps/cli/output'
import type { Operand, Option, Verb } from '#apps/cli/command'

const cityDirectory: Option = {
  kind: 'text',
  value: 'CITYDIR',
  env: 'LIANBAN_DIRECTORY',
  about: text('城市目录', 'the city’s directory'),
}

const worked: readonly Operand[] = [
  { name: 'MEMBER', about: text('部门代码', 'the code of the department') },
  { name: 'ACT', about: text('应用/环节', 'APPLICATION/ACT') },
]

const changing: readonly Operand[] = [
  { name: 'MEMBER', about: text('部门代码', 'the code of the department') },
  { name: 'SOURCE', about: text('表名或载入名', 'a table, or the name of a load file') },
]

export const cities: readonly Verb[] = [
  {
    words: ['city', 'load'],
    about: text(
      '把公开数据载入练习城市的各部门登记，并报告拒绝了什么、为什么',
      'fill a practice city’s registers from public files, and report what was refused and why',
    ),
    options: {
      data: {
        kind: 'text',
        value: 'DIR',
        required: true,
        about: text('数据文件所在目录', 'where the files lie'),
      },
      directory: {
        ...cityDirectory,
        about: text('城市目录；没有则新建', 'the city’s directory, begun where absent'),
      },
      load: {
        kind: 'text',
        value: 'FILE',
        about: text('自己的载入文件；缺省用本市的全部', 'a load file; all of the city’s if absent'),
      },
      only: {
        kind: 'text',
        value: 'NAME[,NAME]',
        about: text('只载入这几份', 'only these sources'),
      },
      most: {
        kind: 'text',
        value: 'PERCENT',
        about: text(
          '超过此比例须第二人确认，至多且缺省为 5',
          'more needs a second person; at most 5, and 5 if absent',
        ),
      },
      by: {
        kind: 'text',
        value: 'OFFICER[,OFFICER]',
        about: text(
          '经手人：该部门的工作人员（market-1、1 或密钥名），以其密钥签字',
          'who loads: an officer of the department (market-1, 1, or his key), who signs',
        ),
      },
      second: {
        kind: 'text',
        value: 'OFFICER[,OFFICER]',
        about: text(
          '查看过差异的第二人，须为另一位，同样签字',
          'who else has looked at what differs: another officer, who signs too',
        ),
      },
      report: {
        kind: 'text',
        value: 'BASE',
        about: text(
          '报告写到 BASE.html 与 BASE.json',
          'the report goes to BASE.html and BASE.json',
        ),
      },
    },
    run: async (ask) => (await import('#apps/cli/city')).loadCity(ask),
  },
  {
    words: ['city', 'scan'],
    about: text(
      '把各部门的数据与上次计数的状态比较，并在账本上声明',
      'compare departments’ sources with their last state, and attest them on the ledger',
    ),
    operands: [{ name: 'MEMBER', optional: true, about: text('部门代码', 'a department’s code') }],
    options: { directory: cityDirectory },
    run: async (ask) => (await import('#apps/cli/refresh')).scanSources(ask),
  },
  {
    words: ['city', 'announce'],
    about: text(
      '公告一份数据将有变更：到期前不报警',
      'announce a change of a source: it does not alarm until a day is over',
    ),
    operands: changing,
    options: {
      directory: cityDirectory,
      until: {
        kind: 'text',
        value: 'YYYY-MM-DD',
        required: true,
        about: text('到这一天结束，最长 90 天', 'to the end of this day, at most 90 days ahead'),
      },
      reason: {
        kind: 'text',
        value: 'TEXT',
        required: true,
        about: text('理由，只留在本部门', 'why; it stays in the department'),
      },
    },
    run: async (ask) => (await import('#apps/cli/refresh')).announceChange(ask),
  },
  {
    words: ['city', 'accept'],
    about: text(
      '作为第二人认可一份数据的较大变更，或它的新列',
      'as a second person, accept a large change of a source, or its new columns',
    ),
    operands: changing,
    options: {
      directory: cityDirectory,
      seen: {
        kind: 'text',
        value: 'CODE',
        required: true,
        about: text(
          'city scan 所示、您看过的代号',
          'the code that city scan shows, and you have seen',
        ),
      },
      by: {
        kind: 'text',
        value: 'OFFICER',
        about: text(
          '以谁的密钥签字；缺省为管理人之外的一位',
          'who signs; another officer than the steward if absent',
        ),
      },
    },
    run: async (ask) => (await import('#apps/cli/refresh')).acceptSource(ask),
  },
  {
    words: ['city', 'run'],
    about: text(
      '在已载入的城市上办理：开户、签发证照、过户、凭用气情况贷款',
      'run the main job on what was loaded: accounts, certificates, transfers, credit on gas',
    ),
    operands: [
      {
        name: 'WHAT',
        about: text(
          'accounts、certificates、transfers 或 gas',
          'one of accounts, certificates, transfers, gas',
        ),
      },
    ],
    options: {
      directory: cityDirectory,
      count: {
        kind: 'text',
        value: 'COUNT',
        about: text('办多少件，缺省 20', 'how many; 20 if absent'),
      },
      data: {
        kind: 'text',
        value: 'DIR',
        about: text(
          '数据目录：开户时连同代码无效的企业，用气时说明按公布的原样有多少可共享',
          'the files: accounts takes firms whose code is none, gas counts what could be shared as published',
        ),
      },
      verify: {
        kind: 'text',
        value: 'COUNT',
        about: text('证照：离线核验多少份', 'certificates: how many are verified offline'),
      },
      sealed: {
        kind: 'text',
        value: 'COUNT',
        about: text(
          '过户：另试多少套被查封的房屋',
          'transfers: how many sealed homes are tried too',
        ),
      },
    },
    run: async (ask) => (await import('#apps/cli/loaded')).runCity(ask),
  },
  {
    words: ['city', 'worklist'],
    about: text(
      '把一个环节的待办写成表格文件，供只用电子表格的部门填写',
      'write what waits for an act as a file, for a department whose tool is a spreadsheet',
    ),
    operands: [...worked, { name: 'OUT', about: text('新文件', 'a new file') }],
    options: {
      directory: cityDirectory,
      to: {
        kind: 'text',
        value: 'gb18030|utf-8',
        about: text('编码，缺省 gb18030', 'the encoding; gb18030 if absent'),
      },
    },
    run: async (ask) => (await import('#apps/cli/worklist')).writeWorklist(ask),
  },
  {
    words: ['city', 'answers'],
    about: text(
      '读回填好的待办表格并照办；有一处错误就一件也不办',
      'carry out a worklist that came back filled in; one bad cell and nothing is decided',
    ),
    operands: [...worked, { name: 'FILE', about: text('填好的文件', 'the file') }],
    options: { directory: cityDirectory },
    run: async (ask) => (await import('#apps/cli/worklist')).takeAnswers(ask),
  },
  {
    words: ['city', 'tickets'],
    about: text(
      '待核对单：哪些行拿不准是不是同一主体，哪些申请在等',
      'match tickets: rows of which it is in doubt who is who, and what waits for them',
    ),
    operands: [{ name: 'MEMBER', optional: true, about: text('部门代码', 'a department’s code') }],
    options: {
      directory: cityDirectory,
      show: {
        kind: 'flag',
        about: text('连同代码和名称一并显示', 'show codes and names too'),
      },
      all: { kind: 'flag', about: text('包括来源已更正的', 'those that were mended as well') },
    },
    run: async (ask) => (await import('#apps/cli/tickets')).listTickets(ask),
  },
  {
    words: ['city', 'ticket'],
    about: text(
      '数据管理员核定一张待核对单；等待的申请随即自动继续',
      'a steward decides a match ticket; what waits for it goes on by itself',
    ),
    operands: [
      { name: 'MEMBER', about: text('部门代码', 'the code of the department') },
      { name: 'ID', about: text('单号', 'the ticket') },
      {
        name: 'HOW',
        about: text(
          'same 同一主体、different 不是、wrong 来源有误',
          'same, different, or wrong: the source is',
        ),
      },
    ],
    options: {
      directory: cityDirectory,
      current: {
        kind: 'text',
        value: 'ROW',
        about: text('以哪一行为准（单上的字母）', 'the row that counts, by its letter'),
      },
      by: {
        kind: 'text',
        value: 'OFFICER',
        about: text(
          '以谁的密钥签字：1、部门-1 或密钥；只有未登记工作人员的部门可不写',
          'who signs: 1, member-1 or a key; left out only where no officers are enrolled',
        ),
      },
      reason: { kind: 'text', value: 'TEXT', required: true, about: text('理由', 'why') },
      again: { kind: 'flag', about: text('改定已有的决定', 'decide anew what was decided') },
    },
    run: async (ask) => (await import('#apps/cli/tickets')).decideTicket(ask),
  },
]
