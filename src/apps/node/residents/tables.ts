// What each sector's own system holds: tables as such systems have them, every sector with habits
// of its own (Y and N, codes of national lists, days as eight digits).
// Whoever reads them must know these habits; the mappings of the pack say them.
import { bills } from './bills.ts'
import type { Home, Person, Population } from './population.ts'

export type Cell = string | number | null

/** A table with its columns as SQL declares them. */
export type Table = {
  readonly name: string
  readonly columns: { readonly [name: string]: 'TEXT' | 'INTEGER' }
  /** Names of the columns by which it is looked up. */
  readonly key: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /**
   * Statements with which the sector's own system takes a decision that was handed in for this
   * table, over `NEW.decision`; it then says `confirmed`. Absent where nothing is handed in.
   */
  readonly takes?: readonly string[]
}

/** A value of the decision that is being taken. */
const handed = (column: string): string => `json_extract(NEW.decision, '$.values.${column}')`

/** Takes a decision as one row of the table. */
function asRow(name: string, columns: readonly string[]): readonly string[] {
  return [`INSERT INTO "${name}" VALUES (${columns.map(handed).join(', ')})`]
}

/**
 * What the registry's own system does when a title is written: the old one ends, the new one and
 * its holders begin, and the mortgage that was released is gone.
 */
const registered: readonly string[] = [
  ...asRow('bdc_register_in', [
    'title_no',
    'unit_code',
    'location',
    'area_dm2',
    'holder_kind',
    'holders',
    'reg_date',
  ]),
  `UPDATE bdc_title SET state = '2' WHERE unit_code = ${handed('unit_code')}`,
  `UPDATE bdc_holder SET state = '2' WHERE unit_code = ${handed('unit_code')}`,
  `INSERT INTO bdc_title VALUES (${handed('title_no')}, ${handed('unit_code')},
    ${handed('location')}, ${handed('area_dm2')},
    CASE ${handed('holder_kind')} WHEN 'firm' THEN '2' ELSE '1' END,
    replace(${handed('reg_date')}, '-', ''), '1', 'N', 'N', 'N')`,
  `INSERT INTO bdc_holder SELECT ${handed('title_no')}, ${handed('unit_code')}, key + 1,
    json_extract(value, '$.code'), json_extract(value, '$.name'), '1'
    FROM json_each(${handed('holders')})`,
]

/** The tables of a member's system; none for a member that has no system of its own. */
export function tablesOf(member: string, population: Population): readonly Table[] {
  const make = makers[member]
  if (make !== undefined) return make(population)
  return population.homes.some(({ bank }) => bank === member) ? loans(member, population) : []
}

const makers: { readonly [member: string]: (population: Population) => readonly Table[] } = {
  planning,
  police,
  civil,
  tax,
  housing,
  market,
  banking,
  provident,
  power: (population) => utility('yd', population),
  gas: (population) => [...utility('rq', population), bills(population)],
  cable: (population) => utility('gh', population),
  notary,
  redcross,
}

const compact = (day: string): string => day.replaceAll('-', '')
const flag = (value: boolean): string => (value ? 'Y' : 'N')

function planning({ homes }: Population): readonly Table[] {
  return [
    {
      name: 'bdc_title',
      columns: {
        title_no: 'TEXT',
        unit_code: 'TEXT',
        location: 'TEXT',
        area_dm2: 'INTEGER',
        holder_kind: 'TEXT',
        reg_date: 'TEXT',
        state: 'TEXT',
        sealed: 'TEXT',
        objection: 'TEXT',
        pre_notice: 'TEXT',
      },
      key: ['unit_code', 'state'],
      rows: homes.map((home) => [
        home.certNo,
        home.unit,
        home.address,
        home.area,
        home.ownerKind === 'firm' ? '2' : '1',
        compact(home.issued),
        '1',
        flag(home.sealed),
        'N',
        'N',
      ]),
    },
    {
      name: 'bdc_holder',
      columns: {
        title_no: 'TEXT',
        unit_code: 'TEXT',
        ord: 'INTEGER',
        holder_code: 'TEXT',
        holder_name: 'TEXT',
        state: 'TEXT',
      },
      key: ['unit_code', 'state'],
      rows: homes.flatMap((home) =>
        home.owners.map(({ code, name }, at) => [home.certNo, home.unit, at + 1, code, name, '1']),
      ),
    },
    encumbrances(homes),
    registerIn,
  ]
}

function encumbrances(homes: readonly Home[]): Table {
  return {
    name: 'bdc_encumbrance',
    columns: { unit_code: 'TEXT', mortgaged: 'TEXT', bank_code: 'TEXT', reg_no: 'TEXT' },
    key: ['unit_code'],
    rows: homes.map(({ unit, bank }, at) => [
      unit,
      flag(bank !== null),
      bank,
      bank === null ? null : `练习不动产证明第${String(at + 1).padStart(7, '0')}号`,
    ]),
  }
}

const registerIn: Table = {
  name: 'bdc_register_in',
  columns: {
    title_no: 'TEXT',
    unit_code: 'TEXT',
    location: 'TEXT',
    area_dm2: 'INTEGER',
    holder_kind: 'TEXT',
    holders: 'TEXT',
    reg_date: 'TEXT',
  },
  key: ['title_no'],
  rows: [],
  takes: registered,
}

function police({ people }: Population): readonly Table[] {
  return [
    {
      name: 'czrk_person',
      columns: {
        id_no: 'TEXT',
        name: 'TEXT',
        old_id_no: 'TEXT',
        local_hukou: 'TEXT',
        state: 'TEXT',
      },
      key: ['id_no'],
      rows: people.map(({ code, name, oldCode, hukouInRegister }) => [
        code,
        name,
        oldCode,
        hukouInRegister ? '1' : '0',
        'normal',
      ]),
    },
    {
      name: 'czrk_contact',
      columns: { id_no: 'TEXT', phone: 'TEXT', letters_to: 'TEXT' },
      key: ['id_no'],
      rows: people.map(({ code, phone }, at) => [code, phone, `练习区练习街${at + 1}号`]),
    },
  ]
}

/** GB/T 2261.2: 10 never married, 20 married, 40 divorced. */
const marriages: { readonly [status in Person['marriage']]: string } = {
  never: '10',
  married: '20',
  divorced: '40',
}

function civil({ people }: Population): readonly Table[] {
  return [
    {
      name: 'hy_status',
      columns: { id_no: 'TEXT', name: 'TEXT', status: 'TEXT' },
      key: ['id_no'],
      rows: people.map(({ code, name, marriage }) => [code, name, marriages[marriage]]),
    },
  ]
}

function tax({ people, firms }: Population): readonly Table[] {
  return [
    {
      name: 'sw_pit',
      columns: { id_no: 'TEXT', years: 'INTEGER' },
      key: ['id_no'],
      rows: people.map(({ code, taxYears }) => [code, taxYears]),
    },
    {
      name: 'sw_registration',
      columns: { uscc: 'TEXT', file_no: 'TEXT' },
      key: ['uscc'],
      rows: firms.map(({ code, taxNo }) => [code, taxNo]),
    },
    {
      name: 'sw_receipt_in',
      columns: { receipt_no: 'TEXT', fen: 'INTEGER' },
      key: ['receipt_no'],
      rows: [],
      takes: asRow('sw_receipt_in', ['receipt_no', 'fen']),
    },
  ]
}

function housing(): readonly Table[] {
  return [
    {
      name: 'zj_eligibility_in',
      columns: { decided: 'TEXT', result: 'TEXT' },
      key: ['decided'],
      rows: [],
      takes: asRow('zj_eligibility_in', ['decided', 'result']),
    },
  ]
}

/** State of an enterprise: 1 in business, 2 being wound up, 3 revoked. */
const states = { active: '1', liquidating: '2', revoked: '3' } as const

function market({ firms }: Population): readonly Table[] {
  return [
    {
      name: 'gs_enterprise',
      columns: {
        uscc: 'TEXT',
        name: 'TEXT',
        state: 'TEXT',
        days_open: 'INTEGER',
      },
      key: ['uscc'],
      rows: firms.map(({ code, name, status, days }) => [code, name, states[status], days]),
    },
    {
      name: 'gs_representative',
      columns: { uscc: 'TEXT', rep_code: 'TEXT', rep_name: 'TEXT', current: 'INTEGER' },
      key: ['uscc', 'current'],
      rows: firms.map(({ code, representative }) => [
        code,
        representative.code,
        representative.name,
        1,
      ]),
    },
  ]
}

function banking({ homes }: Population): readonly Table[] {
  const banks = [...new Set(homes.flatMap(({ bank }) => (bank === null ? [] : [bank])))]
  return [
    {
      name: 'jr_licence',
      columns: { bank_code: 'TEXT', licence_no: 'TEXT', state: 'TEXT' },
      key: ['bank_code'],
      rows: banks.map((bank, at) => [bank, `practice-licence-${at + 1}`, 'valid']),
    },
  ]
}

function loans(member: string, { homes }: Population): readonly Table[] {
  const own = homes.filter(({ bank }) => bank === member)
  return [
    {
      name: 'dk_mortgage',
      columns: { unit_code: 'TEXT', loan_no: 'TEXT', settled: 'TEXT' },
      key: ['unit_code'],
      rows: own.map(({ unit }, at) => [unit, `practice-loan-${at + 1}`, 'Y']),
    },
    {
      name: 'kh_account_in',
      columns: { account_no: 'TEXT', uscc: 'TEXT' },
      key: ['account_no'],
      rows: [],
      takes: asRow('kh_account_in', ['account_no', 'uscc']),
    },
  ]
}

function provident({ people }: Population): readonly Table[] {
  return [
    {
      name: 'gjj_account',
      columns: { id_no: 'TEXT', account_no: 'TEXT', limit_fen: 'INTEGER' },
      key: ['id_no'],
      rows: people.map(({ code }, at) => [code, `practice-fund-${at + 1}`, 120_000_000]),
    },
  ]
}

/** A utility's accounts, by unit; what it changes comes in by the second table. */
function utility(prefix: string, { homes }: Population): readonly Table[] {
  const holder = ({ owners }: Home): Cell => owners[0]?.name ?? null
  return [
    {
      name: `${prefix}_account`,
      columns: {
        account_no: 'TEXT',
        unit_code: 'TEXT',
        address: 'TEXT',
        holder: 'TEXT',
        arrears_fen: 'INTEGER',
        reading: 'INTEGER',
      },
      key: ['address'],
      rows: homes.map((home, at) => [
        `practice-${prefix}-${String(at + 1).padStart(6, '0')}`,
        home.unit,
        home.address,
        holder(home),
        0,
        1000 + at,
      ]),
    },
    {
      name: `${prefix}_change_in`,
      columns: { account_no: 'TEXT', day: 'TEXT' },
      key: ['account_no'],
      rows: [],
      takes: asRow(`${prefix}_change_in`, ['account_no', 'day']),
    },
  ]
}

function notary({ mandates }: Population): readonly Table[] {
  return [
    {
      name: 'gz_mandate',
      columns: {
        notary_no: 'TEXT',
        principal_code: 'TEXT',
        principal_name: 'TEXT',
        agent_code: 'TEXT',
        agent_name: 'TEXT',
        unit_code: 'TEXT',
        floor_fen: 'INTEGER',
        payee: 'TEXT',
        until_day: 'TEXT',
        confirmed_day: 'TEXT',
      },
      key: ['principal_code'],
      rows: mandates.map((mandate) => [
        mandate.no,
        mandate.principal.code,
        mandate.principal.name,
        mandate.agent.code,
        mandate.agent.name,
        mandate.unit,
        mandate.floor,
        mandate.payee,
        compact(mandate.until),
        compact(mandate.confirmed),
      ]),
    },
    {
      name: 'gz_mandate_act',
      columns: { notary_no: 'TEXT', act: 'TEXT' },
      key: ['notary_no'],
      rows: mandates.map(({ no }) => [no, 'sign']),
    },
  ]
}

function redcross({ lots }: Population): readonly Table[] {
  return [
    {
      name: 'wz_waybill',
      columns: { lot: 'TEXT', kind: 'TEXT', batch: 'TEXT', standard: 'TEXT', qty: 'INTEGER' },
      key: ['lot'],
      rows: lots.map(({ id, kind, batch, standard, qty }) => [id, kind, batch, standard, qty]),
    },
  ]
}
