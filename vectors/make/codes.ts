// Cases for base/codes. Codes of agencies are public; citizen numbers are made up.

type Refused = { readonly claim: string; readonly text: string }

export function codesFile(): object {
  return {
    uscc: { valid: USCC, invalid: usccInvalid },
    'citizen-id': { valid: CITIZEN, invalid: citizenInvalid },
    'real-estate-unit': { valid: UNIT, invalid: unitInvalid },
    'certificate-id': { valid: CERTIFICATE, invalid: certificateInvalid },
    'service-item': { valid: SERVICE, invalid: serviceInvalid },
    checks: [
      ...USCC.map((text) => check('uscc', text)),
      ...CITIZEN.map((text) => check('citizen-id', text)),
      ...CERTIFICATE.map((text) => check('certificate-id', text)),
    ],
    noChecks: [
      { kind: 'uscc', body: '1111000000002113' },
      { kind: 'uscc', body: '1111000000002113I' },
      { kind: 'uscc', body: '11110000000021135M' },
      { kind: 'citizen-id', body: '11010519490229002' },
      { kind: 'citizen-id', body: '1101051949123100' },
      { kind: 'certificate-id', body: '11100000MB03271699022.340100.000000016' },
      { kind: 'certificate-id', body: '' },
    ],
  }
}

// The body of a certificate identifier ends at the dot before its check character.
function check(kind: string, text: string): object {
  const end = kind === 'certificate-id' ? text.length - 2 : text.length - 1
  return { kind, body: text.slice(0, end), check: text.slice(-1) }
}

const USCC = [
  '11110000000021135M',
  '1111000000002888XF',
  '11110000000021039C',
  '11110000693225666K',
  '1111000069080358X6',
  '11110000756701202G',
  '11110000092921359M',
  '11110000765000432H',
  '11110000MB1660860K',
  '11110000MB0390782F',
  '11110000777051923C',
  '11110000MB16786141',
]

const usccInvalid: readonly Refused[] = [
  { claim: 'a wrong check character', text: '11110000000021135N' },
  { claim: 'two digits exchanged', text: '11110000000021315M' },
  { claim: 'lower case', text: '11110000000021135m' },
  { claim: 'a letter that the alphabet leaves out', text: '1111000000002113IM' },
  { claim: 'a letter in the area', text: '1111A000000021135M' },
  { claim: 'seventeen characters', text: '11110000000021135' },
  { claim: 'nineteen characters', text: '11110000000021135M0' },
  { claim: 'a masked code', text: '1111000000002****M' },
  { claim: 'a tax number of 15 digits', text: '110108000021135' },
  { claim: 'a full-width digit', text: '\uff1111110000000021135M'.slice(0, 18) },
  { claim: 'a line feed at the end', text: '11110000000021135M\n' },
  { claim: 'a space in front', text: ' 1111000000021135M' },
  { claim: 'nothing', text: '' },
]

const CITIZEN = ['11010519491231002X', '110101200002290015', '110101190001010015'].map((text) =>
  withCheck(text.slice(0, 17)),
)

const citizenInvalid: readonly Refused[] = [
  { claim: 'a wrong check character', text: '110105194912310021' },
  { claim: 'a lower-case x', text: '11010519491231002x' },
  { claim: '29 February of a common year', text: withCheck('11010119010229001') },
  { claim: '29 February 1900, which no leap year has', text: withCheck('11010119000229001') },
  { claim: 'a month 13', text: withCheck('11010119491331002') },
  { claim: 'a month 00', text: withCheck('11010119490031002') },
  { claim: 'a day 00', text: withCheck('11010119491200002') },
  { claim: '31 April', text: withCheck('11010119490431002') },
  { claim: 'a year before the calendar', text: withCheck('11010115820101002') },
  { claim: 'a first digit 0', text: withCheck('01010519491231002') },
  { claim: 'an X inside', text: '1101051949123X0021' },
  { claim: 'fifteen digits', text: '110105491231002' },
  { claim: 'nineteen characters', text: '11010519491231002X0' },
  { claim: 'a full-width digit', text: '\uff111010519491231002X' },
  { claim: 'nothing', text: '' },
]

const UNIT = [
  '152201009009GB00054F03031101',
  '320311001021GB00233F00010013',
  '110108001001JC00001W00000000',
]

const unitInvalid: readonly Refused[] = [
  { claim: 'printed with spaces', text: '152201 009 009 GB 00054 F 0303 1101' },
  { claim: 'a fixture mark that does not exist', text: '152201009009GB00054X03031101' },
  { claim: 'a parcel type in lower case', text: '152201009009gb00054F03031101' },
  { claim: 'a parcel type of digits', text: '1522010090091200054F03031101' },
  { claim: 'twenty-seven characters', text: '152201009009GB00054F0303110' },
  { claim: 'twenty-nine characters', text: '152201009009GB00054F030311010' },
  { claim: 'a line feed at the end', text: '152201009009GB00054F0303110\n' },
  { claim: 'nothing', text: '' },
]

const OWN = '11100000MB03271699022.340100.000000016.001.9'
const CERTIFICATE = [
  OWN,
  `1.2.156.3005.2.${OWN}`,
  '11100000000013338W011.11430000006122244L.20230000403.001.U',
  '1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0',
]

const certificateInvalid: readonly Refused[] = [
  { claim: 'a wrong check character', text: `${OWN.slice(0, -1)}8` },
  { claim: 'another root', text: `1.2.156.3005.3.${OWN}` },
  { claim: 'the root twice', text: `1.2.156.3005.2.1.2.156.3005.2.${OWN}` },
  { claim: 'the owner of the type is no USCC', text: identified(OWN.replace('99022', '98022')) },
  { claim: 'without dots', text: OWN.replaceAll('.', '') },
  { claim: 'lower case', text: OWN.replace('MB', 'mb') },
  { claim: 'a part missing', text: identified('11100000MB03271699022.340100.001.9') },
  { claim: 'an empty issuer', text: identified('11100000MB03271699022..000000016.001.9') },
  {
    claim: 'a version of two digits',
    text: identified('11100000MB03271699022.340100.000000016.01.9'),
  },
  { claim: 'a part too many', text: `${OWN}.0` },
  { claim: 'no check character', text: OWN.slice(0, -1) },
  { claim: 'only the root', text: '1.2.156.3005.2.' },
  {
    claim: 'a serial of 33',
    text: identified(`11100000MB03271699022.340100.${'0'.repeat(33)}.001.9`),
  },
  { claim: 'nothing', text: '' },
]

const SERVICE = [
  '11100000MB032716991000115035000',
  '11370800MB285591843370117002011',
  '11100000MB03271699100011503500001',
  '1000115035000',
]

const serviceInvalid: readonly Refused[] = [
  { claim: 'the executing body is no USCC', text: '11100000MB032716981000115035000' },
  { claim: 'thirty-two characters', text: '11100000MB0327169910001150350000' },
  { claim: 'a letter in the basic code', text: '11100000MB03271699100011503500A' },
  { claim: 'a letter in the handling suffix', text: '11100000MB0327169910001150350000A' },
  { claim: 'a basic code of twelve', text: '100011503500' },
  { claim: 'the local form with dashes', text: '511A0138000000-511602000000-000-1-00' },
  { claim: 'nothing', text: '' },
]

/** The identifier with the check character that is right for its other parts. */
function identified(text: string): string {
  const body = text.slice(0, -1)
  let product = 36
  for (const character of body.replaceAll('.', '')) {
    const sum = product + Number.parseInt(character, 36)
    product = ((sum % 36 === 0 ? 36 : sum % 36) * 2) % 37
  }
  return body + ((37 - product) % 36).toString(36).toUpperCase()
}

// ISO 7064 MOD 11-2 in its recursive form, unlike the table of weights that the product uses.
function withCheck(body: string): string {
  let product = 0
  for (const digit of body) product = ((product + Number(digit)) * 2) % 11
  const value = (12 - product) % 11
  return body + (value === 10 ? 'X' : String(value))
}
