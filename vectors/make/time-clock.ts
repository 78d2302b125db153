// Cases of clocks: events in their order, and what is true after them. Every day was counted by
// hand on a wall calendar.

type Event = readonly [at: string, is: string, given?: string]
type Case = {
  readonly claim: string
  readonly limit: object
  readonly start: string
  readonly events?: readonly Event[]
  /** The code with which the last event is refused. */
  readonly refused?: string
  readonly due?: string
  readonly read?: readonly [at: string, state: string, left: number | null, late: number]
  readonly deem?: object
}

const licence = { span: '20wd', extension: '10wd', grounds: ['hearing', 'inspection'] }
const opinion = { span: '3wd', deems: 'due' }
const notice = { span: '5wd', deems: 'start' }
const begun = '2020-09-21T09:00:00'
const told = '2020-09-30T15:00:00'

const cases: readonly Case[] = [
  {
    claim: 'twenty working days over Golden Week',
    limit: licence,
    start: '2020-09-30T16:59:59',
    due: '2020-11-04',
  },
  {
    claim: 'the first day does not count, however early',
    limit: licence,
    start: '2020-09-30T00:00:00',
    due: '2020-11-04',
  },
  {
    claim: 'the day before ends at midnight in China',
    limit: licence,
    start: '2020-09-29T23:59:59',
    due: '2020-11-03',
  },
  {
    claim: 'a stop within a day takes no day out',
    limit: licence,
    start: begun,
    events: [
      ['2020-09-23T09:00:00', 'stop', 'hearing'],
      ['2020-09-23T17:00:00', 'resume'],
    ],
    due: '2020-10-23',
  },
  {
    claim: 'a stop over midnight takes one day out',
    limit: licence,
    start: begun,
    events: [
      ['2020-09-23T23:59:59', 'stop', 'hearing'],
      ['2020-09-24T00:00:00', 'resume'],
    ],
    due: '2020-10-26',
  },
  {
    claim: 'a stop over Golden Week takes out the working days only',
    limit: licence,
    start: begun,
    events: [
      ['2020-09-30T09:00:00', 'stop', 'inspection'],
      ['2020-10-09T09:00:00', 'resume'],
    ],
    due: '2020-10-26',
  },
  {
    claim: 'a clock that stands has no due day',
    limit: licence,
    start: begun,
    events: [['2020-09-30T09:00:00', 'stop', 'inspection']],
    due: 'standing',
  },
  {
    claim: 'an extension is counted in working days',
    limit: licence,
    start: begun,
    events: [['2020-10-12T09:00:00', 'extend', '10wd']],
    due: '2020-11-06',
  },
  {
    claim: 'not longer than the law',
    limit: licence,
    start: begun,
    events: [['2020-10-12T09:00:00', 'extend', '11wd']],
    refused: 'time/bad-extension',
  },
  {
    claim: 'not in another unit',
    limit: licence,
    start: begun,
    events: [['2020-10-12T09:00:00', 'extend', '10d']],
    refused: 'time/bad-extension',
  },
  {
    claim: 'not twice',
    limit: licence,
    start: begun,
    events: [
      ['2020-10-12T09:00:00', 'extend', '1wd'],
      ['2020-10-13T09:00:00', 'extend', '1wd'],
    ],
    refused: 'time/extended',
  },
  {
    claim: 'not where the law has none',
    limit: opinion,
    start: begun,
    events: [['2020-09-21T10:00:00', 'extend', '1wd']],
    refused: 'time/no-extension',
  },
  {
    claim: 'not after the due day',
    limit: licence,
    start: begun,
    events: [['2020-10-24T00:00:00', 'extend', '1wd']],
    refused: 'time/too-late',
  },
  {
    claim: 'no stop without a ground',
    limit: licence,
    start: begun,
    events: [['2020-10-12T09:00:00', 'stop', 'holiday']],
    refused: 'time/no-ground',
  },
  {
    claim: 'no stop after the due day',
    limit: licence,
    start: begun,
    events: [['2020-10-24T00:00:00', 'stop', 'hearing']],
    refused: 'time/too-late',
  },
  {
    claim: 'a stop on the last second of the due day',
    limit: licence,
    start: begun,
    events: [
      ['2020-10-23T23:59:59', 'stop', 'hearing'],
      ['2020-10-24T09:00:00', 'resume'],
    ],
    due: '2020-10-26',
  },
  {
    claim: 'no stop before the start',
    limit: licence,
    start: begun,
    events: [['2020-09-21T08:59:59', 'stop', 'hearing']],
    refused: 'time/backwards',
  },
  {
    claim: 'no resuming of what runs',
    limit: licence,
    start: begun,
    events: [['2020-09-22T09:00:00', 'resume']],
    refused: 'time/running',
  },
  {
    claim: 'no second stop while it stands',
    limit: licence,
    start: begun,
    events: [
      ['2020-09-22T09:00:00', 'stop', 'hearing'],
      ['2020-09-23T09:00:00', 'stop', 'inspection'],
    ],
    refused: 'time/stopped',
  },
  {
    claim: 'nothing after the end',
    limit: licence,
    start: begun,
    events: [
      ['2020-09-22T09:00:00', 'end'],
      ['2020-09-23T09:00:00', 'stop', 'hearing'],
    ],
    refused: 'time/ended',
  },
  {
    claim: 'days left',
    limit: licence,
    start: begun,
    due: '2020-10-23',
    read: ['2020-10-10T12:00:00', 'running', 10, 0],
  },
  {
    claim: 'the due day itself',
    limit: licence,
    start: begun,
    read: ['2020-10-23T23:59:59', 'running', 0, 0],
  },
  {
    claim: 'late by working days',
    limit: licence,
    start: begun,
    read: ['2020-10-27T00:00:00', 'late', 0, 2],
  },
  {
    claim: 'late over a weekend, by none of them yet',
    limit: licence,
    start: begun,
    read: ['2020-10-25T12:00:00', 'late', 0, 0],
  },
  {
    claim: 'ended late',
    limit: licence,
    start: begun,
    events: [['2020-10-26T09:00:00', 'end']],
    read: ['2021-01-01T00:00:00', 'ended', null, 1],
  },
  {
    claim: 'sixty days that end in Golden Week roll',
    limit: { span: '60d', rolls: true },
    start: '2020-08-04T10:00:00',
    due: '2020-10-09',
  },
  {
    claim: 'and do not where they need not',
    limit: { span: '60d' },
    start: '2020-08-04T10:00:00',
    due: '2020-10-03',
  },
  {
    claim: 'silence on the due day is none',
    limit: opinion,
    start: told,
    deem: { now: '2020-10-12T23:59:59', delivered: told, code: 'time/not-due' },
  },
  {
    claim: 'silence after it dates from it',
    limit: opinion,
    start: told,
    deem: {
      now: '2020-10-13T00:00:00',
      delivered: told,
      effect: '2020-10-12',
      recorded: '2020-10-13',
    },
  },
  {
    claim: 'who was not told is not silent',
    limit: opinion,
    start: told,
    deem: { now: '2020-12-01T00:00:00', delivered: null, code: 'time/not-delivered' },
  },
  {
    claim: 'who was told late has the whole time',
    limit: opinion,
    start: told,
    deem: { now: '2020-10-14T23:59:59', delivered: '2020-10-10T09:00:00', code: 'time/not-due' },
  },
  {
    claim: 'and the effect dates from the due day',
    limit: opinion,
    start: told,
    deem: {
      now: '2020-10-15T00:00:00',
      delivered: '2020-10-10T09:00:00',
      effect: '2020-10-12',
      recorded: '2020-10-15',
    },
  },
  {
    claim: 'an outage within',
    limit: opinion,
    start: told,
    deem: {
      now: '2020-10-13T00:00:00',
      delivered: told,
      outage: ['2020-10-12T23:59:59', null],
      code: 'time/outage',
    },
  },
  {
    claim: 'an outage behind',
    limit: opinion,
    start: told,
    deem: {
      now: '2020-10-14T00:00:00',
      delivered: told,
      outage: ['2020-10-13T00:00:00', null],
      effect: '2020-10-12',
      recorded: '2020-10-14',
    },
  },
  {
    claim: 'no law, no effect',
    limit: { span: '3wd' },
    start: told,
    deem: { now: '2020-12-01T00:00:00', delivered: told, code: 'time/never-deemed' },
  },
  {
    claim: 'not by a year without a notice',
    limit: opinion,
    start: '2026-12-31T09:00:00',
    deem: {
      now: '2027-02-01T00:00:00',
      delivered: '2026-12-31T09:00:00',
      code: 'time/practice-calendar',
    },
  },
  {
    claim: 'unless all is practice',
    limit: opinion,
    start: '2026-12-31T09:00:00',
    deem: {
      now: '2027-02-01T00:00:00',
      delivered: '2026-12-31T09:00:00',
      practice: true,
      effect: '2027-01-06',
      recorded: '2027-02-01',
    },
  },
  {
    claim: 'not telling in time is acceptance as of receipt',
    limit: notice,
    start: told,
    deem: {
      now: '2020-10-15T00:00:00',
      delivered: told,
      effect: '2020-09-30',
      recorded: '2020-10-15',
    },
  },
  {
    claim: 'a limit that leaves the calendar has no day',
    limit: licence,
    start: '2027-12-20T09:00:00',
    events: [['2027-12-20T10:00:00', 'stop', 'hearing']],
    refused: 'time/uncovered',
  },
]

/** vectors/time-clock.json */
export function clockFile(): object {
  return { cases }
}
