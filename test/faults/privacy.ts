// The claims that nothing personal leaks: a crowd of cases is driven once, and everything outside
// of vaults is scanned for what is somebody's own, for planted leaks, and for what joins two cases.
import type { Claim, Scale } from './claims.ts'
import type { Crowd } from './crowd.ts'
import { openCrowd } from './crowd.ts'
import { plant } from './leaks.ts'
import { linkage } from './linkage.ts'
import type { Alter } from './linkage.ts'
import type { Needles } from './needles.ts'
import { piecesOf, scan, told } from './scan.ts'
import type { Piece, Scanned } from './scan.ts'
import { needlesOf, peopleOf, secretsOf, sweep } from './secrets.ts'

type Sizes = {
  readonly cases: number
  /** Every so many-th day of birth is tried. */
  readonly days: number
  /** How often each leak is planted. */
  readonly times: number
}

const sizes: { readonly [scale in Scale]: Sizes } = {
  test: { cases: 4, days: 1000, times: 3 },
  issue: { cases: 1000, days: 1, times: 100 },
}

type Seen = {
  readonly crowd: Crowd
  readonly pieces: readonly Piece[]
  readonly secrets: readonly string[]
  readonly needles: Needles
  readonly scanned: Scanned
}

const crowds: Map<Scale, Promise<Crowd>> = new Map()
const seen: Map<Scale, Promise<Seen>> = new Map()

function crowdOf(scale: Scale): Promise<Crowd> {
  const known = crowds.get(scale) ?? openCrowd(sizes[scale].cases)
  crowds.set(scale, known)
  return known
}

function seenOf(scale: Scale): Promise<Seen> {
  const known = seen.get(scale) ?? see(scale)
  seen.set(scale, known)
  return known
}

async function see(scale: Scale): Promise<Seen> {
  const crowd = await crowdOf(scale)
  const secrets = secretsOf(crowd)
  const needles = needlesOf(crowd, secrets)
  const pieces = piecesOf(crowd)
  return { crowd, pieces, secrets, needles, scanned: scan(pieces, needles) }
}

/** How many cases of each application, as words. */
function casesOf({ cases, failure }: Crowd): string {
  const counts = new Map<string, number>()
  for (const { application } of cases) {
    counts.set(application, (counts.get(application) ?? 0) + 1)
  }
  const each = [...counts].map(([application, count]) => `${count} ${application}`)
  return `${cases.length} cases (${each.join(', ')})${failure === '' ? '' : `: ${failure}`}`
}

const million = 1_000_000
const inMillions = (count: number): string => (count / million).toFixed(1)

const scanning: Claim = {
  name: 'scan',
  says: 'nothing of anybody stands outside of vaults, in any writing or by any digest that can be guessed',
  run: async ({ scale }) => {
    const { crowd, secrets, needles, scanned } = await seenOf(scale)
    const people = new Set(peopleOf(crowd).people.map(({ code }) => code))
    const swept = sweep(scanned.words, people, { every: sizes[scale].days })
    const { found, files, bytes, read, words } = scanned
    const first = found.slice(0, 5).map(told)
    const isWhole = crowd.failure === '' && crowd.cases.length === sizes[scale].cases
    return {
      holds: isWhole && found.length + swept.found.length === 0 && swept.known === people.size,
      figure: [
        `${casesOf(crowd)} driven in ${crowd.seconds} s`,
        `${files} files of ${inMillions(bytes)} MB, ${inMillions(read)} MB in all readings`,
        `${secrets.length} secrets of ${people.size} people and their homes in ${needles.size} forms`,
        `${swept.candidates} candidates by two digests against ${words.size} strings`,
        `${found.length} found, ${swept.found.length} candidates found ${first.join('; ')}`,
      ].join(', '),
    }
  },
}

const leaking: Claim = {
  name: 'leaks',
  says: 'the same scan finds each of eight planted leaks, and nothing where none is planted',
  run: async ({ scale }) => {
    const { crowd, pieces, needles, scanned } = await seenOf(scale)
    const { times } = sizes[scale]
    const { planted, missed, strangers, told: found } = plant(crowd, { pieces, needles, times })
    const kinds = planted / times
    const lost = new Set(missed.map((each) => each.replace(/ \d+$/, '')))
    return {
      holds:
        kinds === 8 && missed.length === 0 && found === strangers && scanned.found.length === 0,
      figure: [
        `${kinds - lost.size} of ${kinds} kinds, each planted ${times} times, ${missed.length} missed ${missed.slice(0, 5).join('; ')}`,
        `${found} of ${strangers} numbers of strangers found by the candidates`,
        `${scanned.found.length} found where none is planted`,
      ].join(', '),
    }
  },
}

/** The buyer's commitment of one case in the next one too. */
function sameCommitment(first: string, second: string): Alter {
  let kept: string | undefined
  return (type, body, theCase) => {
    if (type !== 'case.join') return body
    if (theCase === first) kept = body['slot'] as string
    return theCase === second && kept !== undefined ? { ...body, slot: kept } : body
  }
}

/** A pseudonym of 16 bytes that is a person's for good, behind random bytes. */
function stableTag(first: string, second: string): Alter {
  const tag = Buffer.from('a tag for a life')
  return (type, body, theCase) => {
    if (type !== 'case.file' || (theCase !== first && theCase !== second)) return body
    const own = Buffer.from(theCase, 'base64url')
    return { ...body, notice: Buffer.concat([own, tag]).toString('base64url') }
  }
}

const linking: Claim = {
  name: 'linkage',
  says: 'no string of 16 bytes joins two cases, whether of one person or of several',
  run: async ({ scale }) => {
    const crowd = await crowdOf(scale)
    const { links, cases, pairs, entries, ofCases, ofNoCase, constants } = linkage(crowd)
    const [one, other] = crowd.cases
    const ids = [one?.id ?? '', other?.id ?? ''] as const
    const plants = [sameCommitment(...ids), stableTag(...ids)]
    const missed = plants.filter((alter) => {
      const found = linkage(crowd, alter).links
      return !found.some((link) => link.one === ids[0] && link.other === ids[1])
    })
    const first = links.slice(0, 5).map((link) => `${link.text.slice(0, 60)} in ${link.where}`)
    return {
      holds: links.length === 0 && missed.length === 0 && cases === crowd.cases.length && pairs > 0,
      figure: [
        `${entries} entries and their records of ${cases} cases, ${pairs} pairs of which concern the same`,
        `${ofCases} strings of cases, ${ofNoCase} of other entries, ${constants} public or older than any case`,
        `${links.length} shared ${first.join('; ')}`,
        `${plants.length - missed.length} of ${plants.length} planted links found`,
      ].join(', '),
    }
  },
}

export const privacyClaims: readonly Claim[] = [scanning, leaking, linking]
