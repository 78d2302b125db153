// Bytes of requests: lines are cut alike however they arrive, and never grow beyond their limit.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LineCutter, mediaTypeOf } from './body.ts'

test('lines come out as they went in, however the bytes were cut', () => {
  const line = fc.stringMatching(/^[a-z{}]{0,20}$/)
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(30)), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''))
      const cutter = new LineCutter(100)
      const out: string[] = []
      let at = 0
      for (const cut of [...cuts, bytes.length]) {
        out.push(...(cutter.take(bytes.subarray(at, at + cut)) ?? assert.fail()))
        at = Math.min(bytes.length, at + cut)
      }
      assert.deepEqual(out, lines)
      assert.equal(cutter.end(), '')
    }),
  )
})

test('a line of the longest length passes and one character more does not', () => {
  for (const pieces of [[11], [4, 7], [1, 1, 9]]) {
    const take = (length: number): (readonly string[] | null)[] => {
      const cutter = new LineCutter(10)
      const text = `${'a'.repeat(length)}\n`
      let at = 0
      return pieces.map((piece) => cutter.take(Buffer.from(text.slice(at, (at += piece)))))
    }
    assert.deepEqual(take(10).at(-1), ['a'.repeat(10)])
    assert.ok(take(11).includes(null))
  }
})

test('bytes that are not ASCII stay what they were', () => {
  const cutter = new LineCutter(10)
  assert.deepEqual(cutter.take(Buffer.from([0xc3, 0xa9, 0x0a])), ['\u00c3\u00a9'])
})

test('a coded body has no type that is taken', () => {
  const of = (headers: { readonly [name: string]: string }): string | null =>
    mediaTypeOf({ headers } as unknown as Parameters<typeof mediaTypeOf>[0])
  assert.equal(of({ 'content-type': 'Application/JSON; charset=utf-8' }), 'application/json')
  assert.equal(of({ 'content-type': 'application/json', 'content-encoding': 'br' }), null)
  assert.equal(of({}), null)
})
