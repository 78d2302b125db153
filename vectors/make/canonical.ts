// Cases for base/canonical: RFC 8785 restricted to safe integers.
import { units } from './material.ts'

type Case = { readonly claim: string; readonly units: string }

const of = (claim: string, text: string): Case => ({ claim, units: units(text) })
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const nestedObjects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

export function canonicalFile(): object {
  return { valid: valid(), sorted: sorted(), invalid: [...shapes(), ...numbers(), ...texts()] }
}

function valid(): Case[] {
  const controls = [...Array(32).keys()].map((unit) => JSON.stringify(String.fromCharCode(unit)))
  return [
    of('null', 'null'),
    of('true', 'true'),
    of('false', 'false'),
    of('zero', '0'),
    of('a negative number', '-1'),
    of('the largest safe integer', '9007199254740991'),
    of('the smallest safe integer', '-9007199254740991'),
    of('an empty text', '""'),
    of('an empty array', '[]'),
    of('an empty object', '{}'),
    of('arrays and objects within one another', '[1,[],{},[{"a":[]}]]'),
    of('members in order', '{"":0,"A":1,"a":2,"aa":3,"b":4}'),
    of('names like integers in the order of texts', '{"1":1,"10":2,"2":3}'),
    of('DEL and the slash are not escaped', '"\u007f/"'),
    of('line separators are not escaped', '"\u2028\u2029"'),
    of('Chinese is not escaped', '{"名称":"北京市民政局"}'),
    of('a pair of surrogates', '"\ud842\udfb7"'),
    of('a quote and a backslash', '"\\"\\\\"'),
    of('every control character', `[${controls.join(',')}]`),
    of('code unit order, which is not UTF-8 order', '{"\ud842\udfb7":1,"\uff5e":2}'),
    of('names that are words elsewhere', '{"constructor":1,"prototype":2,"toString":3}'),
    of('an escaped name', '{"\\n":1,"a\\"":2}'),
    of('32 arrays', nested(32)),
    of('32 objects', nestedObjects(32)),
  ]
}

/** Texts that every JSON reader accepts, with the one that is canonical. */
function sorted(): object[] {
  const pairs: readonly (readonly [string, string, string])[] = [
    ['members are sorted', '{"b":1,"a":2}', '{"a":2,"b":1}'],
    ['members within members', '[{"b":{"d":1,"c":2},"a":[]}]', '[{"a":[],"b":{"c":2,"d":1}}]'],
    ['the example of RFC 8785 section 3.2.3', rfc8785Input(), rfc8785Output()],
    ['white space goes', ' [ 1 ,\t2\r\n] ', '[1,2]'],
    ['escapes that are not needed go', '"\\u0061\\/\\u00e9"', '"a/\u00e9"'],
    ['short escapes are used', '"\\u000a\\u0022\\u005c"', '"\\n\\"\\\\"'],
    ['long escapes are lower case', '"\\u001F"', '"\\u001f"'],
    ['minus zero is zero', '[-0]', '[0]'],
    ['an exponent is written out', '[1e2]', '[100]'],
    ['a fraction of zero goes', '[5.0]', '[5]'],
  ]
  return pairs.map(([claim, input, canonical]) => ({
    claim,
    units: units(input),
    canonical: units(canonical),
  }))
}

// The sorting example of the RFC, with the value texts in ASCII.
function rfc8785Input(): string {
  return (
    '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh",' +
    '"1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control",' +
    '"\\u00f6":"Latin Small Letter O With Diaeresis"}'
  )
}

function rfc8785Output(): string {
  return (
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control",' +
    '"\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign",' +
    '"\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}'
  )
}

function shapes(): Case[] {
  return [
    of('nothing', ''),
    of('two values', '1 2'),
    of('two values without space', '[][]'),
    of('a trailing line feed', '{}\n'),
    of('a leading space', ' {}'),
    of('a byte order mark', '\ufeff{}'),
    of('a space behind a colon', '{"a": 1}'),
    of('a space behind a comma', '[1, 2]'),
    of('a comma too many', '[1,]'),
    of('a comma too many in an object', '{"a":1,}'),
    of('a comma in front', '[,1]'),
    of('an array that does not end', '[1'),
    of('an object that does not end', '{"a":1'),
    of('a name without a value', '{"a"}'),
    of('a name that is no text', '{1:1}'),
    of('a name without quotes', '{a:1}'),
    of('members out of order', '{"b":1,"a":2}'),
    of('a name twice', '{"a":1,"a":1}'),
    of('a name twice, once escaped', '{"a":1,"\\u0061":2}'),
    of('UTF-8 order where code unit order differs', '{"\uff5e":2,"\ud842\udfb7":1}'),
    of('numeric order of names', '{"2":3,"10":2}'),
    of('__proto__', '{"__proto__":{}}'),
    of('__proto__ within', '[{"a":{"__proto__":1}}]'),
    of('a word in upper case', 'True'),
    of('a word cut short', 'nul'),
    of('a word with more behind', 'nullx'),
    of('a comment', '[1/**/]'),
    of('single quotes', "'a'"),
    of('33 arrays', nested(33)),
    of('33 objects', nestedObjects(33)),
    of('64 arrays, then 64 more', nested(64).repeat(2)),
    of('a closing bracket of the other kind', '[1}'),
    of('only a closing bracket', ']'),
  ]
}

function numbers(): Case[] {
  const texts = ['-0', '+1', '01', '00', '-01', '1.0', '0.5', '1e2', '1E2', '1e-2', '-', '.5', '1.']
  texts.push('9007199254740992', '-9007199254740992', '9999999999999999', '10000000000000000')
  texts.push('4503599627370497.5', 'NaN', 'Infinity', '-Infinity', '0x10', '1_000', '\uff11', '1n')
  return texts.map((text) => of('a number that is not canonical', text))
}

function texts(): Case[] {
  return [
    of('a text that does not end', '"a'),
    of('a text that ends in a backslash', '"a\\"'),
    of('a raw control character', '"\u0001"'),
    of('a raw line feed', '"\n"'),
    of('an escaped slash', '"\\/"'),
    of('an escaped letter', '"\\u0061"'),
    of('a long escape for a quote', '"\\u0022"'),
    of('a long escape for a backslash', '"\\u005c"'),
    of('a long escape for a line feed', '"\\u000a"'),
    of('a long escape for backspace', '"\\u0008"'),
    of('a long escape in upper case', '"\\u001F"'),
    of('an escaped DEL', '"\\u007f"'),
    of('an escaped Latin-1 letter', '"\\u00e9"'),
    of('an escaped pair of surrogates', '"\\ud842\\udfb7"'),
    of('an escaped lone surrogate', '"\\ud800"'),
    of('a lone surrogate', '"\ud800"'),
    of('a lone surrogate in a name', '{"\udc00":1}'),
    of('an escape that is none', '"\\x01"'),
    of('a long escape cut short', '"\\u00"'),
    of('an escaped single quote', '"\\\'"'),
  ]
}
