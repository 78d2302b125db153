// The member's side of the channel to its supervisor: it says when it is open, learns where others
// listen, and does what people at its counter ask. A failure of one question is its answer and ends
// nothing.
import process from 'node:process'
import type { Json } from '#base/canonical'
import { codeOfFailure } from '#apps/node/log'
import type { MemberProcess } from './member.ts'
import type { Memory, Order, Question, Report } from './messages.ts'
import { counterCalls } from './messages.ts'

/** Answers the supervisor; resolves when it asks to stop, or is gone. */
export function answerSupervisor(running: MemberProcess): Promise<void> {
  const { member, addresses } = running
  const own = addresses.get(member.code) ?? ''
  return new Promise((resolve) => {
    process.once('disconnect', () => resolve())
    process.on('message', (order: Order) => {
      if (order.kind === 'stop') return resolve()
      if (order.kind === 'addresses') {
        for (const [code, at] of Object.entries(order.addresses)) addresses.set(code, at)
        addresses.set(member.code, own)
        return
      }
      void answer(running, order).then(send)
    })
    send({ kind: 'opened', address: own, size: running.remote.head().size })
  })
}

function send(report: Report): void {
  if (process.connected) process.send?.(report)
}

async function answer(running: MemberProcess, { number, what }: Question): Promise<Report> {
  try {
    const value = await (typeof what === 'string' ? care(running, what) : atCounter(running, what))
    return { kind: 'answer', number, ...(value === undefined ? {} : { value }) }
  } catch (failure) {
    const said = failure instanceof Error ? failure.message : ''
    return { kind: 'answer', number, failed: `${codeOfFailure(failure)} ${said}` }
  }
}

async function atCounter(
  { member: { desk } }: MemberProcess,
  { counter, with: said }: Exclude<Question['what'], string>,
): Promise<Json | undefined> {
  if (!counterCalls.includes(counter)) throw new Error('the counter knows no such thing')
  const call = desk[counter].bind(desk) as (...said: readonly Json[]) => unknown
  return (await call(...said)) as Json | undefined
}

async function care(
  { member, remote }: MemberProcess,
  what: Extract<Question['what'], string>,
): Promise<Json> {
  const { department, gateway } = member
  if (what === 'idle') {
    // Entries that were taken in this turn reach the department in the next one.
    await new Promise((resolve) => setImmediate(resolve))
    await department.idle()
    return remote.head().size
  }
  if (what === 'officers') return member.officers
  if (what === 'flush') await gateway.flush()
  if (what === 'changed') await department.changed()
  return what === 'memory' ? memory() : null
}

function memory(): Memory {
  globalThis.gc?.()
  const { rss, heapUsed: heap, external: outside } = process.memoryUsage()
  return { rss, heap, outside }
}
