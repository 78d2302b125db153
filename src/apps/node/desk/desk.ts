// The desk of a department: what counters, clerks and the portal call. It is one thing over the
// department's node, so that whoever shows screens needs to know nothing else.
import { randomBytes } from 'node:crypto'
import { base64urlEncode } from '#base/bytes'
import type { Json } from '#base/canonical'
import type { InboxLine } from '#apps/node/casework'
import { Later, caseNow, commitNote, idOf, putOnce } from '#apps/node/casework'
import { slotOpenings, slotRecordOf } from '#apps/node/casework'
import { officersRequired } from '#domains/members'
import type { Approve } from '#apps/node/certificates'
import { sayApproved } from '#apps/node/certificates'
import type { Department } from '#apps/node/department'
import type { Signature, Signed } from '#apps/node/messages'
import type { Letter } from '#blueprint/derive'
import { answerTask, letterOf, serveLetter, sign, toldAbout } from '#apps/node/messages'
import type { Decided, Deciding, OpenLine } from './deciding.ts'
import { answerByHand, decide, giveBack, openLine, uphold, warned } from './deciding.ts'
import { lookUpMandate } from './mandates.ts'
import { decideTicket, ticketsOn } from './tickets.ts'
import type { DeskDecision, DeskTicket, TicketDone } from './tickets.ts'
import type { Done, Filing, No, Said } from './filing.ts'
import { file, join, no, say } from './filing.ts'

const tries = 4
const pauseMs = 250

/** The desk of one department. */
export class Desk {
  readonly #department: Department

  constructor(department: Department) {
    this.#department = department
  }

  /** Files a case for a person who was identified here. */
  file(filing: Filing): Promise<{ readonly case: string; readonly entry: number } | No> {
    return file(this.#department.dept, filing)
  }

  /** Files for another person of a case. */
  join(joining: Omit<Filing, 'blueprint'> & { readonly case: string }): Promise<Done> {
    return join(this.#department.dept, joining)
  }

  /** Lets another member have somebody join a case that was filed here. */
  async invite({
    case: id,
    member,
  }: {
    readonly case: string
    readonly member: string
  }): Promise<Done> {
    const { port } = this.#department.dept
    const body = { case: id, member }
    const said = await port.submit('case.invite', body, { id: idOf('invite', id, member) })
    return 'refused' in said ? no(said.refused.code) : { entry: said.receipt.entry }
  }

  /** Supplies what a person says, or shows. */
  say(said: Said): Promise<Done> {
    return say(this.#department.dept, said)
  }

  /** Takes a signature; it goes to the member that records the act. */
  async sign(signature: Signature): Promise<Signed> {
    const { dept } = this.#department
    const now = caseNow(dept.port, signature.case)
    if (now === null) return no('processes/unknown-case')
    const { through } = now.compiled.blueprint.acts[signature.act] ?? {}
    const party = through === undefined ? undefined : now.compiled.blueprint.parties[through]
    const recorder = through === undefined ? now.facts.host : party?.member
    if (recorder !== undefined && recorder !== dept.port.member) {
      const person = slotRecordOf(dept, now, signature.signer)
      if (person === null) return no('judge/not-bound', signature.signer.party)
      const given = signature as unknown as Json
      const task = { kind: 'signature', signature: given, openings: slotOpenings(person) }
      const told = await dept.ways.tell(recorder, 'tasks', task)
      return 'refused' in told ? no(told.refused) : { sent: recorder }
    }
    const signed = await this.#patiently(() => sign(dept, signature))
    if ('done' in signed) await this.#department.settle(signature.case)
    return signed
  }

  /** Lines that a person has to look at, in the order in which they came. */
  inbox(): readonly InboxLine[] {
    const { dept } = this.#department
    const lines = dept.inbox.lines()
    return dept.sources.isAnyRed(dept.port.head().time)
      ? lines.map((line) => warned(dept, line))
      : lines
  }

  /** A line with everything that whoever decides needs; `by` is the officer who looks. */
  open(line: InboxLine, by: string = 'desk'): Promise<OpenLine | null> {
    return openLine(this.#department.dept, line, by)
  }

  /** Decides an act by hand. */
  decide(deciding: Deciding): Promise<Decided> {
    return this.#patiently(() => decide(this.#department, deciding))
  }

  /** Answers for an item that no register answers. */
  answer(answer: Parameters<typeof answerByHand>[1]): Promise<Done> {
    return answerByHand(this.#department.dept, answer)
  }

  /**
   * Looks a mandate up in this member's register: nobody waits for one, so nobody asks for it
   * before an agent comes.
   */
  lookUp(wanted: Parameters<typeof lookUpMandate>[1]): Promise<Done> {
    return lookUpMandate(this.#department.dept, wanted)
  }

  /** Match tickets; with `show`, the officer who looks, with the values of their rows. */
  tickets(how: { readonly show?: string } = {}): Promise<readonly DeskTicket[]> {
    return ticketsOn(this.#department.dept, how)
  }

  /** Has an officer sign his word on a match ticket; what waits for it goes on. */
  decideTicket(deciding: DeskDecision): Promise<TicketDone | No> {
    return decideTicket(this.#department, deciding)
  }

  /** Answers another member's task. */
  answerTask(
    key: string,
    said: { readonly value?: Json; readonly no?: string; readonly officer?: string },
  ): ReturnType<typeof answerTask> {
    const { value, no: code, officer } = said
    return answerTask(this.#department.dept, key, {
      state: code === undefined ? 'done' : `no/${code}`,
      ...(value === undefined || code !== undefined ? {} : { value }),
      ...(officer === undefined ? {} : { officer }),
    })
  }

  /** Sends items back with the reason. */
  giveBack(back: Parameters<typeof giveBack>[1]): Promise<Done> {
    return giveBack(this.#department.dept, back)
  }

  /** Says of a disputed item that it is right. */
  uphold(held: Parameters<typeof uphold>[1]): Promise<Done> {
    return uphold(this.#department.dept, held)
  }

  /** Takes a line away that only says something: a change, or what somebody was to be told. */
  async noted({ key, case: id, reason }: InboxLine): Promise<void> {
    const { dept } = this.#department
    if (reason !== 'changed' && reason !== 'other-name') return
    const of = { kind: 'note', type: 'noted', case: id, name: 'noted', gen: 0, leaves: [] } as const
    await putOnce(dept.vault, { id: idOf('noted', key), ...of, at: dept.clock.wallMs() })
    dept.inbox.drop(id, key)
  }

  /** Takes back, by an article, what acts have given: it is decided anew, and by a person. */
  async annul(of: {
    readonly case: string
    readonly item: string
    readonly law: string
    readonly words: string
  }): Promise<Done> {
    const { dept } = this.#department
    const { port, clock, officers } = dept
    const note = await this.#note(of.case, 'case.annul', of.words)
    const { item, law } = of
    const body = { case: of.case, item, law, note }
    const saying = { type: 'case.annul', body, id: base64urlEncode(randomBytes(16)) }
    // Taking back is deciding: officers approve it where the department has enrolled them.
    const shown = { act: 'annul', item }
    const ask: Approve['ask'] = async (intent) =>
      (await officers?.approve({ posts: ['head'], intent, shown })) ?? []
    const approve = { ask, wallMs: () => clock.wallMs() }
    const isApproved = officersRequired(port.view(), port.member)
    const said = await sayApproved(port, saying, isApproved ? approve : undefined)
    return 'refused' in said ? no(said.refused.code) : { entry: said.receipt.entry }
  }

  /** Withdraws for a person of the case, before anything final. */
  withdraw(of: {
    readonly case: string
    readonly party: string
    readonly element?: number
    readonly approval: Json
  }): Promise<Done> {
    const { party, element, approval } = of
    return this.#approved('case.withdraw', of.case, approval, (note) => ({
      party,
      ...(element === undefined ? {} : { element }),
      approval: note,
    }))
  }

  /** Takes a consent back; from the next block on nobody reads under it. */
  revoke(of: {
    readonly case: string
    readonly item: string
    readonly approval: Json
  }): Promise<Done> {
    return this.#approved('case.revoke', of.case, of.approval, (approval) => ({
      item: of.item,
      approval,
    }))
  }

  /**
   * Says for a person that a field is wrong; of what a robot has decided, that a person decides.
   */
  async dispute(of: {
    readonly case: string
    readonly item: string
    readonly element?: number
    readonly field: string
    readonly words: string
  }): Promise<Done> {
    const field = await this.#note(of.case, 'field', of.field)
    const { item, element } = of
    return this.#approved('case.dispute', of.case, of.words, (statement) => ({
      item,
      ...(element === undefined ? {} : { element }),
      field,
      statement,
    }))
  }

  /** Appeals for a person of the case. */
  appeal(of: { readonly case: string; readonly words: string }): Promise<Done> {
    return this.#approved('case.appeal', of.case, of.words, (statement) => ({ statement }))
  }

  /** What this member was told about a person: the identity department's part of her list. */
  toldAbout(code: string): Promise<readonly Json[]> {
    return toldAbout(this.#department.dept, code)
  }

  /** The letter of a case that was refused: reason, law, next step and appeal. */
  letter(id: string): Letter | null {
    return letterOf(this.#department.dept, id)
  }

  /** Notes how a letter was served. */
  served(id: string, how: Json): Promise<boolean> {
    return serveLetter(this.#department.dept, id, how)
  }

  /** Tries again what only has to wait for another member, for about a second. */
  async #patiently<T>(deed: () => Promise<T>): Promise<T | No> {
    for (let left = tries; ; left -= 1) {
      try {
        return await deed()
      } catch (failure) {
        if (!(failure instanceof Later)) throw failure
        if (left === 0) return no(failure.code)
        await new Promise<void>((resolve) => {
          this.#department.dept.clock.after(pauseMs, resolve)
        })
      }
    }
  }

  #note(id: string, type: string, value: Json): Promise<string> {
    const { dept } = this.#department
    const attempt = base64urlEncode(randomBytes(16))
    const now = dept.clock.wallMs()
    return commitNote(dept.vault, { case: id, name: 'said', type, attempt, value, now })
  }

  async #approved(
    type: string,
    id: string,
    value: Json,
    body: (note: string) => { readonly [name: string]: Json },
  ): Promise<Done> {
    const note = await this.#note(id, type, value)
    const said = await this.#department.dept.port.submit(type, { case: id, ...body(note) })
    return 'refused' in said ? no(said.refused.code) : { entry: said.receipt.entry }
  }
}

/** The desk over a department. */
export function openDesk(department: Department): Desk {
  return new Desk(department)
}
