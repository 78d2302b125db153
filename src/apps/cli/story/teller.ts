// How a story is told on a terminal: numbered scenes in both languages, what each of them led to,
// and the practice clock beside it, marked as practice wherever it stands.
import type { Terminal } from '#apps/cli/output'

const chinaMs = 28_800_000

/** The moment of a practice clock in China, `YYYY-MM-DD hh:mm`. */
export function momentOf(ms: number): string {
  return new Date(ms + chinaMs).toISOString().slice(0, 16).replace('T', ' ')
}

/** Tells; silent where a program listens. */
export class Teller {
  readonly #terminal: Terminal
  #scene = 0
  #now: () => number = () => 0

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** From now on scenes show this clock, Unix milliseconds. */
  by(now: () => number): void {
    this.#now = now
  }

  /** A scene: what happens, in both languages. */
  scene(zh: string, en: string): void {
    this.#scene += 1
    const number = this.#terminal.paint('bold', `${this.#scene}.`)
    const at = this.#now()
    const clock = at === 0 ? '' : this.#terminal.paint('dim', `  [练习 practice ${momentOf(at)}]`)
    this.#say(`\n${number} ${zh}${clock}\n   ${en}`)
  }

  /** Something that follows in a scene. */
  line(zh: string, en: string): void {
    this.#say(`   · ${zh} / ${en}`)
  }

  /** Lines as they were printed or are kept. */
  quote(said: string): void {
    for (const line of said.trimEnd().split('\n')) {
      this.#say(this.#terminal.paint('dim', `   | ${line}`))
    }
  }

  #say(text: string): void {
    if (!this.#terminal.json) this.#terminal.piece({}, text)
  }
}
