// What may follow what. Every lifecycle of this room is a total table: for each status and each
// kind of step either the next status or the code of the refusal. A missing cell does not compile.

/** Every refusal of this room. The page docs/protocol/codes.md says what to do about each. */
export const membersCodes = [
  'members/not-active',
  'members/unknown-member',
  'members/member-known',
  'members/members-full',
  'members/not-suspended',
  'members/has-left',
  'members/last-replica',
  'members/is-operator',
  'members/not-operator',
  'members/not-replica',
  'members/not-joining',
  'members/already-joining',
  'members/not-approved',
  'members/joining-changed',
  'members/joining-lapsed',
  'members/not-sponsor',
  'members/bad-key',
  'members/wrong-algorithm',
  'members/key-known',
  'members/key-unknown',
  'members/key-ended',
  'members/not-own-key',
  'members/keys-full',
  'members/last-command-key',
  'members/no-possession',
  'members/not-in-the-future',
  'members/too-far',
  'members/officers-required',
  'members/foreign-approval',
  'members/own-approval',
  'members/no-relying-party',
  'members/same-officer',
  'members/officer-known',
  'members/officer-unknown',
  'members/officer-retired',
  'members/proposal-known',
  'members/proposal-unknown',
  'members/proposal-changed',
  'members/proposal-closed',
  'members/proposal-lapsed',
  'members/not-passed',
  'members/threshold-not-met',
  'members/too-early',
  'members/own-affair',
  'members/not-proposer',
  'members/no-veto',
  'members/not-subject',
  'members/self-accreditation',
  'members/not-accreditor',
  'members/not-accredited',
  'members/already-accredited',
  'members/bad-interval',
  'members/history-full',
  'members/not-marked',
  'members/not-setter',
  'members/outage-open',
  'members/no-outage',
  'members/time-differs',
  'members/not-practice',
  'members/same-code',
  'members/handover-known',
  'members/bad-handover',
] as const

export type Code = (typeof membersCodes)[number]

/** A step leads to a status or is refused. */
export type Outcome<Status extends string> = { readonly to: Status } | { readonly refuse: Code }

export type Table<Status extends string, Kind extends string> = {
  readonly [status in Status]: { readonly [kind in Kind]: Outcome<Status> }
}

function to<Status extends string>(status: Status): { readonly to: Status } {
  return { to: status }
}

function refuse(code: Code): { readonly refuse: Code } {
  return { refuse: code }
}

export type MemberStatus = 'none' | 'active' | 'suspended' | 'left'
export type MemberStep = 'activate' | 'suspend' | 'reinstate' | 'leave' | 'succeed' | 'rekey'

/** `succeed` is the step of the member whose duties go to another. */
export const memberTable: Table<MemberStatus, MemberStep> = {
  none: {
    activate: to('active'),
    suspend: refuse('members/unknown-member'),
    reinstate: refuse('members/unknown-member'),
    leave: refuse('members/unknown-member'),
    succeed: refuse('members/unknown-member'),
    rekey: refuse('members/unknown-member'),
  },
  active: {
    activate: refuse('members/member-known'),
    suspend: to('suspended'),
    reinstate: refuse('members/not-suspended'),
    leave: to('left'),
    succeed: to('left'),
    rekey: to('active'),
  },
  suspended: {
    activate: refuse('members/member-known'),
    suspend: refuse('members/not-active'),
    reinstate: to('active'),
    leave: refuse('members/not-active'),
    succeed: to('left'),
    rekey: to('suspended'),
  },
  left: {
    activate: refuse('members/member-known'),
    suspend: refuse('members/has-left'),
    reinstate: refuse('members/has-left'),
    leave: refuse('members/has-left'),
    succeed: refuse('members/has-left'),
    rekey: refuse('members/has-left'),
  },
}

export type JoiningStatus = 'none' | 'proposed' | 'approved' | 'activated' | 'withdrawn' | 'lapsed'
export type JoiningStep = 'propose' | 'approve' | 'pass' | 'activate' | 'withdraw'

/** `pass` is the approval that reaches the threshold. */
export const joiningTable: Table<JoiningStatus, JoiningStep> = {
  none: {
    propose: to('proposed'),
    approve: refuse('members/not-joining'),
    pass: refuse('members/not-joining'),
    activate: refuse('members/not-joining'),
    withdraw: refuse('members/not-joining'),
  },
  proposed: {
    propose: refuse('members/already-joining'),
    approve: to('proposed'),
    pass: to('approved'),
    activate: refuse('members/not-approved'),
    withdraw: to('withdrawn'),
  },
  approved: {
    propose: refuse('members/already-joining'),
    approve: to('approved'),
    pass: to('approved'),
    activate: to('activated'),
    withdraw: to('withdrawn'),
  },
  activated: {
    propose: refuse('members/member-known'),
    approve: refuse('members/member-known'),
    pass: refuse('members/member-known'),
    activate: refuse('members/member-known'),
    withdraw: refuse('members/member-known'),
  },
  withdrawn: {
    propose: to('proposed'),
    approve: refuse('members/not-joining'),
    pass: refuse('members/not-joining'),
    activate: refuse('members/not-joining'),
    withdraw: refuse('members/not-joining'),
  },
  lapsed: {
    propose: to('proposed'),
    approve: refuse('members/joining-lapsed'),
    pass: refuse('members/joining-lapsed'),
    activate: refuse('members/joining-lapsed'),
    withdraw: refuse('members/joining-lapsed'),
  },
}

export type KeyStatus = 'none' | 'coming' | 'in-force' | 'ending' | 'ended'
export type KeyStep = 'add' | 'rotate' | 'revoke' | 'replace'

/** `replace` is what a reset, a succession or a rekey does to a key. No step leads back. */
export const keyTable: Table<KeyStatus, KeyStep> = {
  none: {
    add: to('coming'),
    rotate: refuse('members/key-unknown'),
    revoke: refuse('members/key-unknown'),
    replace: refuse('members/key-unknown'),
  },
  coming: {
    add: refuse('members/key-known'),
    rotate: refuse('members/key-ended'),
    revoke: to('ended'),
    replace: to('ended'),
  },
  'in-force': {
    add: refuse('members/key-known'),
    rotate: to('ending'),
    revoke: to('ending'),
    replace: to('ending'),
  },
  ending: {
    add: refuse('members/key-known'),
    rotate: refuse('members/key-ended'),
    revoke: to('ending'),
    replace: to('ending'),
  },
  ended: {
    add: refuse('members/key-known'),
    rotate: refuse('members/key-ended'),
    revoke: refuse('members/key-ended'),
    replace: refuse('members/key-ended'),
  },
}

export type OfficerStatus = 'none' | 'active' | 'lost' | 'retired'
export type OfficerStep = 'enrol' | 'rotate' | 'reset' | 'lose' | 'retire' | 'post'

export const officerTable: Table<OfficerStatus, OfficerStep> = {
  none: {
    enrol: to('active'),
    rotate: refuse('members/officer-unknown'),
    reset: refuse('members/officer-unknown'),
    lose: refuse('members/officer-unknown'),
    retire: refuse('members/officer-unknown'),
    post: refuse('members/officer-unknown'),
  },
  active: {
    enrol: refuse('members/officer-known'),
    rotate: to('active'),
    reset: to('active'),
    lose: to('lost'),
    retire: to('retired'),
    post: to('active'),
  },
  lost: {
    enrol: refuse('members/officer-known'),
    rotate: refuse('members/key-ended'),
    reset: to('active'),
    lose: refuse('members/key-ended'),
    retire: to('retired'),
    post: to('lost'),
  },
  retired: {
    enrol: refuse('members/officer-known'),
    rotate: refuse('members/officer-retired'),
    reset: refuse('members/officer-retired'),
    lose: refuse('members/officer-retired'),
    retire: refuse('members/officer-retired'),
    post: refuse('members/officer-retired'),
  },
}

export type ProposalStatus =
  | 'none'
  | 'open'
  | 'passed'
  | 'executed'
  | 'withdrawn'
  | 'vetoed'
  | 'lapsed'
export type ProposalStep = 'propose' | 'vote' | 'pass' | 'execute' | 'withdraw' | 'veto'

/** `pass` is a vote after which the threshold is met, `vote` any after which it is not. */
export const proposalTable: Table<ProposalStatus, ProposalStep> = {
  none: {
    propose: to('open'),
    vote: refuse('members/proposal-unknown'),
    pass: refuse('members/proposal-unknown'),
    execute: refuse('members/proposal-unknown'),
    withdraw: refuse('members/proposal-unknown'),
    veto: refuse('members/proposal-unknown'),
  },
  open: {
    propose: refuse('members/proposal-known'),
    vote: to('open'),
    pass: to('passed'),
    execute: refuse('members/not-passed'),
    withdraw: to('withdrawn'),
    veto: to('vetoed'),
  },
  passed: {
    propose: refuse('members/proposal-known'),
    vote: to('open'),
    pass: to('passed'),
    execute: to('executed'),
    withdraw: to('withdrawn'),
    veto: to('vetoed'),
  },
  executed: closed(),
  withdrawn: closed(),
  vetoed: closed(),
  lapsed: {
    propose: refuse('members/proposal-known'),
    vote: refuse('members/proposal-lapsed'),
    pass: refuse('members/proposal-lapsed'),
    execute: refuse('members/proposal-lapsed'),
    withdraw: refuse('members/proposal-lapsed'),
    veto: refuse('members/proposal-lapsed'),
  },
}

function closed(): { readonly [step in ProposalStep]: { readonly refuse: Code } } {
  return {
    propose: refuse('members/proposal-known'),
    vote: refuse('members/proposal-closed'),
    pass: refuse('members/proposal-closed'),
    execute: refuse('members/proposal-closed'),
    withdraw: refuse('members/proposal-closed'),
    veto: refuse('members/proposal-closed'),
  }
}

export type OutageStatus = 'none' | 'open'
export type OutageStep = 'declare' | 'record' | 'end'

/** `record` is a declaration that already names its end. */
export const outageTable: Table<OutageStatus, OutageStep> = {
  none: { declare: to('open'), record: to('none'), end: refuse('members/no-outage') },
  open: { declare: refuse('members/outage-open'), record: to('open'), end: to('none') },
}

/** What the table says of a step: the next status, or the refusal. */
export function step<Status extends string, Kind extends string>(
  table: Table<Status, Kind>,
  status: Status,
  kind: Kind,
): Outcome<Status> {
  return table[status][kind]
}
