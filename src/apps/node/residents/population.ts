// The people of the practice city, drawn from a seed: a small cast with a story each, and as many
// plain transfers as are asked for. It promises that one seed is one city, that all codes are right
// in form only, and that every name begins with 练, 'practice'.
import { citizenId, oldCitizenId, practiceUscc, titleNo, unitCode } from './codes.ts'
import { Draw } from './draw.ts'

/** Somebody of the practice city. What registers say of her stands beside what is true. */
export type Person = {
  readonly code: string
  readonly name: string
  /** The number of 15 digits that an old deed may have; null for births after 1999. */
  readonly oldCode: string | null
  /** Null: she has no phone, no passkey and no account anywhere. */
  readonly phone: string | null
  readonly hukou: boolean
  /** What the household register says; differs from `hukou` where a typist erred. */
  readonly hukouInRegister: boolean
  readonly marriage: 'never' | 'married' | 'divorced'
  readonly taxYears: number
}

export type Firm = {
  readonly code: string
  readonly name: string
  readonly status: 'active' | 'liquidating' | 'revoked'
  /** Days since it was founded. */
  readonly days: number
  readonly representative: Person
  readonly taxNo: string
}

/** A holder as the deed names it; the code may be one of 15 digits. */
export type Holder = { readonly code: string; readonly name: string }

export type Home = {
  readonly unit: string
  readonly certNo: string
  readonly address: string
  /** Square decimetres. */
  readonly area: number
  readonly ownerKind: 'firm' | 'person'
  readonly owners: readonly Holder[]
  readonly issued: string
  readonly sealed: boolean
  /** Member code of the bank whose mortgage lies on it. */
  readonly bank: string | null
}

export type Mandate = {
  readonly principal: Person
  readonly agent: Person
  readonly unit: string
  readonly floor: number
  readonly payee: string
  readonly until: string
  readonly no: string
  readonly confirmed: string
}

export type Lot = {
  readonly id: string
  readonly kind: 'gown' | 'mask' | 'ventilator'
  readonly batch: string
  readonly standard: string
  readonly qty: number
}

/** A sale that could be made: who sells what to whom, for how much. */
export type Sale = {
  readonly home: Home
  readonly sellers: readonly (Person | Firm)[]
  readonly buyer: Person
  readonly fen: number
  readonly way: 'carry' | 'none' | 'release'
}

/** The sales that have a story. */
export type Roles = {
  /** An elderly seller without a phone, a mortgage to release, a buyer whom the register wrongs. */
  readonly elderly: Sale
  /** Two co-owners, one of whom stands in the deed with a number of 15 digits. */
  readonly coOwners: Sale
  /** A firm sells. */
  readonly firm: Sale
  /** A court has sealed the home. */
  readonly sealed: Sale
  /** A nephew sells under a notarised mandate. */
  readonly agent: Sale
  /** The mortgage moves with the home. */
  readonly carried: Sale
}

export type Population = {
  readonly seed: string
  readonly people: readonly Person[]
  readonly firms: readonly Firm[]
  readonly homes: readonly Home[]
  readonly mandates: readonly Mandate[]
  readonly lots: readonly Lot[]
  /** Sales without anything special: as many as were asked for. */
  readonly plain: readonly Sale[]
  readonly roles: Roles
  /** A second buyer of the elderly seller's home. */
  readonly second: Person
  /** The nephew who acts for the principal of `roles.agent`. */
  readonly nephew: Person
  /** A firm that opens an account, and who will represent it later. */
  readonly applicant: Firm
  readonly successor: Person
  /** A firm that gives masks. */
  readonly donor: Firm
}

export type PopulationOptions = {
  readonly seed?: string
  /** Plain sales, 0 to 50,000. */
  readonly sales: number
  /** Member codes of banks with mortgages; at least one. */
  readonly banks: readonly string[]
}

/** Characters of given names. */
export const given: readonly string[] = Array.from(
  '安宝晨德恩芳刚国海和红华慧吉佳建洁静军康兰乐丽林玲梅明娜宁平琴清荣瑞珊胜淑涛婷文雯霞晓欣秀雪燕阳怡英永玉月云泽芝志珍中子',
)
const streets = ['练习街', '练习东路', '练习西路', '练习胡同', '练习大道']

/** Draws a city. */
export function drawPopulation(options: PopulationOptions): Population {
  return new Maker(options).make()
}

class Maker {
  readonly #options: PopulationOptions
  readonly #draw: Draw
  readonly #people: Person[] = []
  readonly #firms: Firm[] = []
  readonly #homes: Home[] = []
  readonly #days: Map<string, number> = new Map()

  constructor(options: PopulationOptions) {
    this.#options = options
    this.#draw = new Draw(options.seed ?? 'beijing')
  }

  make(): Population {
    const second = this.#person({ name: '练后来', years: [1988, 1992] })
    const nephew = this.#person({ name: '练代理', years: [1975, 1980] })
    const principal = this.#person({ name: '练𠂇', years: [1945, 1950] })
    const agent = this.#sale(
      this.#home({ owners: [principal] }),
      [principal],
      this.#person({ name: '练龴', years: [1990, 1995] }),
    )
    const roles = { ...this.#stories(), agent }
    const founder = this.#person({ name: '练创始', years: [1970, 1980] })
    const applicant = this.#firm('练习新程科技有限公司', founder)
    const successor = this.#person({ name: '练接任', years: [1980, 1990] })
    const donor = this.#firm('练习仁心医药有限公司', this.#person({ years: [1965, 1975] }))
    const plain = Array.from({ length: this.#options.sales }, () => this.#plainSale())
    return {
      seed: this.#options.seed ?? 'beijing',
      people: this.#people,
      firms: this.#firms,
      homes: this.#homes,
      mandates: [mandateOf(principal, nephew, agent)],
      lots: lots(),
      plain,
      roles,
      second,
      nephew,
      applicant,
      successor,
      donor,
    }
  }

  #stories(): Omit<Roles, 'agent'> {
    const [bank = '', other = bank] = this.#options.banks
    const granny = this.#person({ name: '练秀兰', years: [1946, 1949], phone: false })
    const wronged = this.#person({ name: '练䶮', years: [1990, 1993], wronged: true })
    const wife = this.#person({ years: [1960, 1969], marriage: 'married' })
    const husband = this.#person({ years: [1960, 1969], marriage: 'married' })
    const couple = this.#home({ owners: [wife, husband], old: husband })
    const seller = this.#firm('练习宏图置业有限公司', this.#person({ years: [1965, 1980] }))
    const debtor = this.#person({ years: [1970, 1980] })
    const mover = this.#person({ years: [1975, 1985] })
    return {
      elderly: {
        ...this.#sale(this.#home({ owners: [granny], bank: other }), [granny], wronged),
        way: 'release',
      },
      coOwners: this.#sale(couple, [wife, husband], this.#buyer()),
      firm: this.#sale(this.#home({ owners: [seller] }), [seller], this.#buyer()),
      sealed: this.#sale(this.#home({ owners: [debtor], sealed: true }), [debtor], this.#buyer()),
      carried: {
        ...this.#sale(this.#home({ owners: [mover], bank }), [mover], this.#buyer()),
        way: 'carry',
      },
    }
  }

  #plainSale(): Sale {
    const seller = this.#person({ years: [1950, 1985] })
    return this.#sale(this.#home({ owners: [seller] }), [seller], this.#buyer())
  }

  #buyer(): Person {
    return this.#person({ years: [1980, 1999] })
  }

  #sale(home: Home, sellers: readonly (Person | Firm)[], buyer: Person): Sale {
    return { home, sellers, buyer, fen: this.#draw.between(300, 900) * 1_000_000, way: 'none' }
  }

  #person(wish: {
    readonly years: readonly [number, number]
    readonly name?: string
    readonly phone?: boolean
    readonly wronged?: boolean
    readonly marriage?: Person['marriage']
  }): Person {
    const draw = this.#draw
    const [from, to] = wish.years
    const two = (value: number): string => String(value).padStart(2, '0')
    const year = draw.between(from, to)
    const born = `${year}-${two(draw.between(1, 12))}-${two(draw.between(1, 28))}`
    const sequence = this.#days.get(born) ?? 1
    this.#days.set(born, sequence + 1)
    const code = citizenId(born, sequence)
    const person: Person = {
      code,
      name: wish.name ?? `练${draw.of(given)}${draw.of(given)}`,
      oldCode: year < 2000 ? oldCitizenId(code) : null,
      // Numbers of mobile phones begin with 13 to 19; these do not.
      phone: wish.phone === false ? null : `100${String(this.#people.length).padStart(8, '0')}`,
      hukou: true,
      hukouInRegister: wish.wronged !== true,
      marriage: wish.marriage ?? draw.of(['never', 'married', 'divorced'] as const),
      // The wronged buyer has worked here for two years: only the register can let her buy.
      taxYears: wish.wronged === true ? 2 : draw.between(0, 20),
    }
    this.#people.push(person)
    return person
  }

  #firm(name: string, representative: Person): Firm {
    const serial = this.#firms.length + 1
    const code = practiceUscc('firm', serial)
    const days = this.#draw.between(400, 7000)
    const taxNo = `practice-tax-${String(serial).padStart(6, '0')}`
    const firm: Firm = { code, name, status: 'active', days, representative, taxNo }
    this.#firms.push(firm)
    return firm
  }

  #home(wish: {
    readonly owners: readonly (Person | Firm)[]
    readonly old?: Person
    readonly sealed?: boolean
    readonly bank?: string
  }): Home {
    const serial = this.#homes.length
    const [building, rest] = [Math.floor(serial / 100) + 1, serial % 100]
    const [floor, flat] = [Math.floor(rest / 4) + 1, (rest % 4) + 1]
    const year = this.#draw.between(1998, 2019)
    const [first] = wish.owners
    const home: Home = {
      unit: unitCode(building, floor, flat),
      certNo: titleNo(year, serial + 1),
      address: `练习区${this.#draw.of(streets)}${building}号楼${floor * 100 + flat}室`,
      area: this.#draw.between(4000, 14_000),
      ownerKind: first !== undefined && 'representative' in first ? 'firm' : 'person',
      owners: wish.owners.map((owner) => ({
        code: owner === wish.old ? (wish.old.oldCode ?? owner.code) : owner.code,
        name: owner.name,
      })),
      issued: `${year}-05-06`,
      sealed: wish.sealed === true,
      bank: wish.bank ?? null,
    }
    this.#homes.push(home)
    return home
  }
}

/** The mandate of the sale by an agent: he may sign for her, on this home, down to a floor. */
function mandateOf(principal: Person, agent: Person, sale: Sale): Mandate {
  return {
    principal,
    agent,
    unit: sale.home.unit,
    floor: Math.floor(sale.fen / 100) * 98,
    payee: `practice-${principal.code.slice(-6)}`,
    until: '2027-12-31',
    no: '练公证字第0000001号',
    confirmed: '2026-02-27',
  }
}

function lots(): readonly Lot[] {
  return [
    { id: 'L-001', kind: 'mask', batch: 'B2026-03', standard: 'GB 19083-2010', qty: 10_000 },
    { id: 'L-002', kind: 'gown', batch: 'B2026-04', standard: 'GB 19082-2009', qty: 2_000 },
  ]
}
