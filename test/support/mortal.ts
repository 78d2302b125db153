// A department that dies again and again after one, two or three effects: a record in its vault, a
// command on the ledger, a question to another member, a decision handed in, a place written down.
// Each time the effect happened and the answer is lost, and another life begins with what is on
// disk: with the place that was written last, or, where none is kept, with the ledger's beginning.
// Nothing here is part of the product.
import type { City, CityMember } from '#apps/node/city'
import type { Department } from '#apps/node/department'
import { openDepartment } from '#apps/node/department'
import type { PlaceStore } from '#apps/node/place'

/** What is thrown in the place of an answer that nobody hears. */
export class Killed extends Error {
  readonly code = 'test/killed'
}

/**
 * Effects of one life after another. A life of one effect alone would tell another member the same
 * thing for ever, because it never comes to note that it was taken.
 */
const spans: readonly [number, ...number[]] = [1, 2, 1, 3]

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Lives of the department of one member. */
export class Mortal {
  readonly #city: City
  readonly #member: Mutable<CityMember>
  /** Effects until the next death. */
  #left: number = spans[0]
  #dead = false
  readonly #place: PlaceStore | undefined
  /** Lives so far. */
  lives = 1
  /** Places that were written. */
  places = 0

  constructor(city: City, code: string, place?: PlaceStore) {
    this.#city = city
    this.#place = place
    this.#member = city.member(code) as Mutable<CityMember>
  }

  /** Ends the department that the city opened and begins the first of many lives. */
  async begin(): Promise<void> {
    await this.#member.department.close()
    this.#member.department = this.#born(this.#member.department)
  }

  /** Does what a person wants of the department, as often as it dies over it. */
  async through<T>(deed: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const done = await deed()
        await this.settle()
        return done
      } catch (failure) {
        if (!(failure instanceof Killed)) throw failure
        await this.revive()
      }
    }
  }

  /** Until the city is at rest and the department of this life is not dead. */
  async settle(): Promise<void> {
    do {
      if (this.#dead) await this.revive()
      await this.#city.settle()
    } while (this.#dead)
  }

  /** The next life, with what the last one has left on disk. */
  async revive(): Promise<void> {
    await this.#member.department.close()
    this.#dead = false
    this.#left = spans[this.lives % spans.length] ?? 1
    this.lives += 1
    this.#member.department = this.#born(this.#member.department)
  }

  #born(before: Department): Department {
    const { port, vault, gateway, system } = this.#member
    const { settings, notices, addressesOf, officers, clock } = before.dept
    const mortal = <A extends unknown[], R>(deed: (...of: A) => Promise<R>): typeof deed => {
      const born = this.lives
      return async (...of: A): Promise<R> => {
        if (this.#dead || born !== this.lives) throw new Killed()
        const result = await deed(...of)
        this.#left -= 1
        if (this.#left > 0) return result
        this.#dead = true
        throw new Killed()
      }
    }
    const life = openDepartment({
      ...this.#placeOf(this.lives),
      port: {
        ledger: port.ledger,
        member: port.member,
        view: () => port.view(),
        head: () => port.head(),
        submit: mortal((...of: Parameters<typeof port.submit>) => port.submit(...of)),
        receipt: (id) => port.receipt(id),
        entry: (index) => port.entry(index),
        document: (hash) => port.document(hash),
        proofFile: (index) => port.proofFile(index),
        subscribe: (listener) => port.subscribe(listener),
      },
      vault: {
        put: mortal((record: Parameters<typeof vault.put>[0]) => vault.put(record)),
        get: (id) => vault.get(id),
        find: (wanted) => vault.find(wanted),
        view: (...views) => vault.view(...views),
      },
      gateway: () => ({
        ask: mortal((...of: Parameters<typeof gateway.ask>) => gateway.ask(...of)),
        tell: mortal((...of: Parameters<typeof gateway.tell>) => gateway.tell(...of)),
      }),
      settings,
      registers: system.registers,
      sinks: Object.fromEntries(
        Object.entries(system.sinks).map(([name, sink]) => [
          name,
          {
            request: mortal((...of: Parameters<typeof sink.request>) => sink.request(...of)),
            outcome: (id: string) => sink.outcome(id),
          },
        ]),
      ),
      ...(notices === null ? {} : { notices }),
      addressesOf,
      ...(officers === null ? {} : { officers }),
      clock,
    })
    life.start()
    return life
  }

  /** The place as one life has it: written at every occasion, which is an effect of its own. */
  #placeOf(born: number): { readonly place?: PlaceStore; readonly placeEvery?: number } {
    const place = this.#place
    if (place === undefined) return {}
    const write: PlaceStore['write'] = (...of) => {
      if (this.#dead || born !== this.lives) return
      place.write(...of)
      this.places += 1
      this.#left -= 1
      if (this.#left <= 0) this.#dead = true
    }
    return {
      place: {
        read: (whose) => place.read(whose),
        stand: (id) => place.stand(id),
        forget: () => place.forget(),
        write,
      },
      placeEvery: 1,
    }
  }
}
