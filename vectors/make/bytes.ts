// Cases for base/bytes: text forms of bytes, whole numbers as bytes, and orders.
import { Buffer } from 'node:buffer'
import { base64url, bytesOf, fromHex, hex, units, utf8 } from './material.ts'

type Refused = { readonly claim: string; readonly text: string }

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const SAMPLES = ['', '00', 'ff', 'fbff', 'fffefd', '00000000', '666f6f62617200', 'fbeffe'].map(
  fromHex,
)
const LONG = [bytesOf('bytes/64', 64), bytesOf('bytes/65', 65), bytesOf('bytes/1000', 1000)]

export function bytesFile(): object {
  return {
    base64url: { valid: pairs('base64url'), invalid: base64urlInvalid() },
    base64: { valid: pairs('base64'), invalid: base64Invalid() },
    hex: { valid: pairs('hex'), invalid: hexInvalid() },
    utf8: utf8Cases(),
    latin1: {
      valid: [
        { hex: hex(Buffer.from([...Array(256).keys()])), units: units(allLatin1()) },
        { hex: '', units: '' },
      ],
      unencodable: [{ claim: 'U+0100 is above one byte', units: '00410100' }],
    },
    ascii: asciiCases(),
    numbers: numberCases(),
    order: orders(),
  }
}

function pairs(form: 'hex' | 'base64' | 'base64url'): object[] {
  return [...SAMPLES, ...LONG].map((bytes) => ({ text: bytes.toString(form), hex: hex(bytes) }))
}

function base64urlInvalid(): Refused[] {
  const cases: Refused[] = [
    { claim: 'one character holds no byte', text: 'A' },
    { claim: 'five characters hold no whole bytes', text: 'AAAAA' },
    { claim: 'padding', text: '_w==' },
    { claim: 'padding of one', text: '__8=' },
    { claim: 'the standard alphabet, plus', text: '+_8' },
    { claim: 'the standard alphabet, slash', text: '//8' },
    { claim: 'a line feed inside', text: 'AA\nAA' },
    { claim: 'a line feed at the end', text: 'AAAA\n' },
    { claim: 'a space in front', text: ' AAA' },
    { claim: 'a tab', text: 'AA\tA' },
    { claim: 'NUL', text: 'AA\u0000A' },
    { claim: 'a dot', text: 'AAA.' },
    { claim: 'DEL', text: 'AAA\u007f' },
    { claim: 'a Latin-1 letter', text: 'AA\u00e9A' },
    { claim: 'a full-width letter, whose low byte is !', text: '\uff21AAA' },
    { claim: 'a character whose low byte is the letter A', text: '\u0141AAA' },
    { claim: 'only padding', text: '====' },
  ]
  // Every other spelling of the same bytes: two characters leave four spare bits, three leave two.
  for (let spare = 1; spare < 16; spare += 1) {
    cases.push({ claim: `spare bits ${spare} after one byte`, text: `_${ALPHABET[0x30 | spare]}` })
  }
  for (let spare = 1; spare < 4; spare += 1) {
    cases.push({
      claim: `spare bits ${spare} after two bytes`,
      text: `__${ALPHABET[0x3c | spare]}`,
    })
  }
  const signature = base64url(bytesOf('bytes/signature', 64))
  const last = ALPHABET.indexOf(signature.slice(-1))
  cases.push({
    claim: 'a 64-byte signature with a spare bit',
    text: signature.slice(0, -1) + ALPHABET[last | 1],
  })
  return cases
}

function base64Invalid(): Refused[] {
  return [
    { claim: 'no padding', text: '/w' },
    { claim: 'too little padding', text: '/w=' },
    { claim: 'too much padding', text: '/w===' },
    { claim: 'padding of a whole group', text: 'AAAA====' },
    { claim: 'three characters of padding', text: 'A===' },
    { claim: 'padding inside', text: 'A=AA' },
    { claim: 'padding and then more', text: '/w==AAAA' },
    { claim: 'the url alphabet, minus', text: '-/8=' },
    { claim: 'the url alphabet, underscore', text: '__8=' },
    { claim: 'a spare bit after one byte', text: '/x==' },
    { claim: 'a spare bit after two bytes', text: '//9=' },
    { claim: 'a line feed at the end', text: 'AAAA\n' },
    { claim: 'line feeds that fill a group', text: 'AAAA\n\n\n\n' },
    { claim: 'a character whose low byte is the letter A', text: '\u0141AAA' },
  ]
}

function hexInvalid(): Refused[] {
  return [
    { claim: 'an odd number of digits', text: 'abc' },
    { claim: 'upper case', text: 'AB' },
    { claim: 'one upper-case digit', text: 'abcD' },
    { claim: 'a letter beyond f', text: 'ag' },
    { claim: 'a prefix', text: '0x00' },
    { claim: 'a space', text: 'a b0' },
    { claim: 'the character before 0', text: '/0' },
    { claim: 'the character after 9', text: ':0' },
    { claim: 'the character before a', text: '`0' },
    { claim: 'a full-width digit', text: '\uff100' },
    { claim: 'a character whose low byte is the digit 0', text: '\u01300' },
  ]
}

function utf8Cases(): object {
  const texts = ['', 'a', '\u0000', '\u007f', '\u0080', '\u07ff', '\u0800', '\ud7ff', '\ue000']
  texts.push('\ufeff', '\ufeffa', '\ufffd', '\uffff', '\u{10000}', '\u{20bb7}', '\u{10ffff}')
  texts.push('北京市民政局', 'e\u0301', 'a\u{1f600}b', '公'.repeat(50), 'é'.repeat(4096))
  const invalid: readonly (readonly [string, string])[] = [
    ['a continuation byte alone', '80'],
    ['the last continuation byte alone', 'bf'],
    ['two bytes cut after one', 'c3'],
    ['three bytes cut after two', 'e58c'],
    ['four bytes cut after three', 'f09f98'],
    ['two bytes and then ASCII', 'c328'],
    ['an overlong NUL', 'c080'],
    ['an overlong DEL', 'c1bf'],
    ['an overlong three-byte form', 'e09fbf'],
    ['an overlong four-byte form', 'f08fbfbf'],
    ['the first high surrogate', 'eda080'],
    ['the last low surrogate', 'edbfbf'],
    ['a pair of surrogates, three bytes each', 'eda0bdedb880'],
    ['above U+10FFFF', 'f4908080'],
    ['a lead byte F5', 'f5808080'],
    ['a five-byte form', 'f888808080'],
    ['FE', 'fe'],
    ['FF', 'ff'],
    ['a bad byte behind good text', 'e58c97ff'],
    ['a bad byte behind 70 good ones', `${'61'.repeat(70)}80`],
    ['a third byte that is none', 'e58c28'],
    ['a fourth byte that is none', 'f09f9828'],
  ]
  return {
    valid: texts.map((text) => ({ units: units(text), hex: hex(utf8(text)) })),
    invalid: invalid.map(([claim, text]) => ({ claim, hex: text })),
    unencodable: [
      { claim: 'a high surrogate alone', units: 'd800' },
      { claim: 'a low surrogate alone', units: 'dc00' },
      { claim: 'a pair the wrong way round', units: 'de00d83d' },
      { claim: 'a high surrogate at the end', units: '0061d83d' },
      { claim: 'two high surrogates and a low one', units: 'd83dd83dde00' },
    ],
  }
}

function asciiCases(): object {
  const printable = Buffer.from([...Array(95).keys()].map((at) => 0x20 + at)).toString('latin1')
  const invalid = ['1f', '7f', '80', 'ff', '00', '0a', '61620a', `${'61'.repeat(80)}09`, 'e58c97']
  return {
    valid: ['', 'a', printable, printable.repeat(3)].map((text) => ({
      text,
      hex: hex(utf8(text)),
    })),
    invalid: invalid.map((each) => ({ hex: each })),
  }
}

function numberCases(): object {
  const widths = [
    { width: 16, values: [0, 1, 255, 256, 65_535] },
    { width: 32, values: [0, 1, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1] },
    { width: 64, values: [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, 2 ** 53 - 1] },
  ]
  return {
    valid: widths.flatMap(({ width, values }) =>
      values.map((value) => ({
        width,
        value,
        hex: BigInt(value)
          .toString(16)
          .padStart(width / 4, '0'),
      })),
    ),
    invalid: [
      { claim: 'one byte is no u16', width: 16, hex: '00' },
      { claim: 'three bytes are no u32', width: 32, hex: '000000' },
      { claim: 'seven bytes are no u64', width: 64, hex: '00000000000000' },
      { claim: '2^53 is not a safe integer', width: 64, hex: '0020000000000000' },
      { claim: 'the largest u64', width: 64, hex: 'ffffffffffffffff' },
    ],
  }
}

function orders(): object {
  const shared = 'ab'.repeat(70)
  const texts = [
    '',
    '-',
    '0',
    '10',
    '9',
    'A',
    'Z',
    '_',
    'a',
    'aa',
    'b',
    'é',
    '办',
    '\u{20bb7}',
    '\uff5e',
  ]
  return {
    bytes: ['', '00', '0000', '0001', '01', '7f', '80', shared, `${shared}00`, `${shared}ff`, 'ff'],
    text: texts.map(units),
  }
}

function allLatin1(): string {
  return String.fromCharCode(...Array(256).keys())
}
