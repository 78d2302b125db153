// Cases for the strict decoder: texts that have one spelling, and every way of having another.
// A text is a character a byte.

type Refused = {
  readonly claim: string
  readonly text: Text
  readonly code: string
  readonly at: string
}

/** A text, or parts of one: a string, or a string that is repeated. */
export type Text = string | readonly (string | readonly [unit: string, times: number])[]

const of = (claim: string, text: Text, code: string, at = 0): Refused => ({
  claim,
  text,
  code: `command/${code}`,
  at: `@${at}`,
})

const members = (count: number): string =>
  `{${[...Array(count).keys()].map((at) => `"k${at}":1`).join(',')}}`

export function strictCases(): object {
  return {
    valid: [
      'null',
      'true',
      'false',
      '0',
      '1',
      '-1',
      '9007199254740991',
      '-9007199254740991',
      '""',
      '"a"',
      `"!#$%&'()*+,-./:;<=>?@[]^_\`{|}~"`,
      '[]',
      '{}',
      '[1,"a",null,true,{}]',
      '{"b":1,"a":{"b":[2]}}',
      '{"constructor":1,"toString":2,"a1":3,"1a":4}',
      '[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]',
      members(512),
    ],
    invalid: [...endings(), ...characters(), ...numbers(), ...shapes(), ...keys(), ...sizes()],
  }
}

function endings(): Refused[] {
  return [
    of('nothing', '', 'truncated'),
    of('a string that does not end', '"abc', 'truncated', 4),
    of('a list that does not end', '[1,2', 'truncated', 4),
    of('an object that does not end', '{"a":1', 'truncated', 6),
    of('a member without its value', '{"a":', 'truncated', 5),
    of('two values', '{}{}', 'trailing-bytes', 2),
    of('a letter behind a literal', 'nullx', 'trailing-bytes', 4),
    of('a letter behind a number', '0x10', 'trailing-bytes', 1),
  ]
}

function characters(): Refused[] {
  return [
    of('UTF-8 in a string', '{"a":"\u00e6\u0088\u00b7"}', 'not-ascii', 6),
    of('UTF-8 in a key', '{"\u00e6":1}', 'not-ascii', 2),
    of('a byte order mark', '\u00ef\u00bb\u00bf{}', 'not-ascii'),
    of('a lone surrogate in UTF-8', '["\u00ed\u00a0\u0080"]', 'not-ascii', 2),
    of('NUL', '["\u0000"]', 'control-character', 2),
    of('an escape character', '["\u001b"]', 'control-character', 2),
    of('delete', '["\u007f"]', 'control-character', 2),
    of('a space in a string', '["a b"]', 'whitespace', 3),
    of('a space between tokens', '{"a": 1}', 'whitespace', 5),
    of('a space before', ' {}', 'whitespace'),
    of('a newline behind', '{}\n', 'whitespace', 2),
    of('a tab', '[\t]', 'whitespace', 1),
    of('a carriage return', '[1,\r]', 'whitespace', 3),
    of('an escaped letter', '["\\u0041"]', 'backslash', 2),
    of('an escaped quote', '["\\""]', 'backslash', 2),
  ]
}

function numbers(): Refused[] {
  const texts = ['1e2', '1E2', '1.0', '-0', '-', '-a', '01', '-01', '00', '1.', '0.5']
  const large = ['9007199254740992', '-9007199254740992', '9007199254740993', '99999999999999999']
  return [
    ...[...texts, ...large].map((text) => of(`the number ${text}`, text, 'bad-number')),
    of('a half', '[4503599627370497.5]', 'bad-number', 1),
    of('a plus', '+1', 'bad-json'),
    of('a fraction without a whole', '.5', 'bad-json'),
    of('not a number', 'NaN', 'bad-json'),
    of('infinity', 'Infinity', 'bad-json'),
  ]
}

function shapes(): Refused[] {
  return [
    of('a comma behind the last item', '[1,]', 'bad-json', 3),
    of('a comma behind the last member', '{"a":1,}', 'bad-json', 7),
    of('no comma', '[1"a"]', 'bad-json', 2),
    of('no colon', '{"a"1}', 'bad-json', 4),
    of('a key without quotes', '{a:1}', 'bad-json', 1),
    of('a key that is a number', '{1:1}', 'bad-json', 1),
    of('single quotes', "'a'", 'bad-json'),
    of('a comment', '/**/1', 'bad-json'),
    of('the wrong bracket', '[1}', 'bad-json', 2),
    of('a capital literal', 'TRUE', 'bad-json'),
  ]
}

function keys(): Refused[] {
  return [
    of('a key twice', '{"a":1,"b":2,"a":3}', 'duplicate-key', 13),
    of('a key twice with one value', '{"a":null,"a":null}', 'duplicate-key', 10),
    of('a key twice, deep inside', '[{"b":{"a":1,"a":1}}]', 'duplicate-key', 13),
    of('__proto__', '{"__proto__":{}}', 'forbidden-key', 1),
    of('a key of one digit', '{"0":1}', 'integer-key', 1),
    of('a key of digits', '{"4294967296":1}', 'integer-key', 1),
    of('an empty key', '{"":1}', 'empty-key', 1),
  ]
}

function sizes(): Refused[] {
  const full = members(512)
  return [
    of('17 lists inside one another', '[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]', 'too-deep', 16),
    of('17 objects inside one another', [['{"a":', 17]], 'too-deep', 80),
    of('40,000 open brackets', [['[', 40_000]], 'too-deep', 16),
    of('513 members', [full.slice(0, -1), ',"x":1}'], 'too-many-members', full.length),
    of('513 in two objects', ['[', full, ',{"x":1}]'], 'too-many-members', full.length + 3),
    { claim: '49,153 bytes', text: ['"', ['a', 49_151], '"'], code: 'command/oversized', at: '' },
  ]
}
