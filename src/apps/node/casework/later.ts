// What keeps a department from going on now and will pass: another member is silent, a permit was
// refused because the case has just moved, a source is down. The queue looks again after a pause.

/** Why a case has to wait. The code says nothing of its content. */
export class Later extends Error {
  override readonly name = 'Later'
  readonly code: string
  readonly fatal = false
  constructor(code: string) {
    super(code)
    this.code = code
  }
}
