// The claims about faults, their sizes in a test and in the issue, and what makes each one hold.
import * as backups from './backups.ts'
import * as bugs from './bugs.ts'
import * as files from './files.ts'
import * as flips from './flips.ts'
import * as images from './images.ts'
import * as kills from './kills.ts'
import * as disclosures from './disclosures.ts'
import * as commandMutants from './mutate-commands.ts'
import * as lists from './lists.ts'
import * as loads from './loads.ts'
import * as proofMutants from './mutate-proofs.ts'
import { privacyClaims } from './privacy.ts'
import { failedSyncs, fullDisk } from './real-disk.ts'
import * as restores from './restores.ts'
import * as rewrites from './rewrites.ts'
import { failing, jumps, rebuild, replays, space } from './small.ts'
import * as vaultImages from './vault-images.ts'
import * as vaultKills from './vault-kills.ts'
import * as vaultRestores from './vault-restore.ts'

/** `test`: what `npm test` carries; `issue`: the sizes that are promised. */
export type Scale = 'test' | 'issue'

/** `unable` says why the fault cannot be made on this machine: neither kept nor broken. */
export type Verdict = {
  readonly holds: boolean
  readonly figure: string
  readonly unable?: true
}

export type Claim = {
  readonly name: string
  readonly says: string
  run(options: { readonly scale: Scale; readonly seed: number }): Promise<Verdict>
}

function size(scale: Scale, inTest: number, inIssue: number): number {
  return scale === 'issue' ? inIssue : inTest
}

export const claims: readonly Claim[] = [
  {
    name: 'kills',
    says: 'a killed process loses nothing that it acknowledged and starts again',
    run: async ({ scale, seed }) => {
      const found = kills.run({ count: size(scale, 6, 200), seed })
      return {
        holds: found.lost === 0 && found.unreadable === 0 && found.acknowledged > 0,
        figure: `${found.kills} kills, ${found.acknowledged} acknowledged, ${found.lost} lost, ${found.unreadable} unreadable starts`,
      }
    },
  },
  {
    name: 'images',
    says: 'power loss with torn and reordered writes loses nothing acknowledged',
    run: async ({ scale, seed }) => {
      const found = await images.run({ count: size(scale, 60, 2000), seed })
      return {
        holds: found.lost === 0 && found.acknowledged > 0,
        figure: `${found.images} images, ${found.acknowledged} acknowledged, ${found.lost} lost ${found.first}`,
      }
    },
  },
  {
    name: 'control',
    says: 'the same run with syncs taken away fails',
    run: async ({ scale, seed }) => {
      const count = size(scale, 20, 200)
      const found = await images.run({ count, seed, faults: { dropSyncs: true } })
      return { holds: found.lost > 0, figure: `${found.lost} of ${found.images} images fail` }
    },
  },
  {
    name: 'flips',
    says: 'a flipped bit is never returned as truth',
    run: async ({ scale, seed }) => {
      const found = await flips.run({ count: size(scale, 60, 2000), seed })
      const where = Object.entries(found.byFile).map(([file, count]) => `${file} ${count}`)
      return {
        holds: found.silent === 0 && found.detected > 0,
        figure: [
          `${found.flips} flips (${where.join(', ')})`,
          `${found.detected} detected`,
          `${found.harmless} harmless`,
          `${found.silent} silent ${found.first}`,
        ].join(', '),
      }
    },
  },
  {
    name: 'backups',
    says: 'a backup with a flipped bit is never believed',
    run: async ({ scale, seed }) => {
      const found = backups.run({ count: size(scale, 60, 2000), seed })
      return {
        holds: found.believed === 0 && found.files >= 3,
        figure: `${found.flips} flips over ${found.files} files, ${found.believed} believed ${found.first}`,
      }
    },
  },
  {
    name: 'space',
    says: 'lack of space refuses writes, serves reads, and passes by itself',
    run: async ({ scale, seed }) => {
      const found = await space({ count: size(scale, 4, 50), seed })
      return {
        holds:
          found.refused === found.runs && found.readsFailed + found.notResumed + found.lost === 0,
        figure: [
          `${found.refused} of ${found.runs} disks filled`,
          `${found.readsFailed} reads failed`,
          `${found.notResumed} did not resume`,
          `${found.lost} lost`,
        ].join(', '),
      }
    },
  },
  {
    name: 'failing',
    says: 'the first failed sync or write stops the ledger, which acknowledges nothing after it',
    run: async ({ scale, seed }) => {
      const found = await failing({ count: size(scale, 20, 500), seed })
      return {
        holds: found.acknowledgedAfter === 0 && found.lost === 0,
        figure: `${found.runs} runs, ${found.acknowledgedAfter} acknowledged after, ${found.lost} lost`,
      }
    },
  },
  {
    name: 'fulldisk',
    says: 'a real file system that is full refuses writes, serves reads, and resumes in 10 s',
    run: async () => {
      const found = await fullDisk()
      if ('unable' in found) return { holds: false, unable: true, figure: found.unable }
      const { acknowledged, refused, readsFailed, resumedMs, lost } = found
      return {
        holds: refused && readsFailed + lost === 0 && resumedMs >= 0 && resumedMs <= 10_000,
        figure: `${acknowledged} acknowledged, ${readsFailed} reads failed, resumed after ${resumedMs} ms, ${lost} lost`,
      }
    },
  },
  {
    name: 'eio',
    says: 'a real process whose fdatasync fails with EIO acknowledges nothing after it',
    run: async ({ scale }) => {
      const found = await failedSyncs(size(scale, 2, 12))
      if ('unable' in found) return { holds: false, unable: true, figure: found.unable }
      return {
        holds: found.late === 0 && found.lost === 0,
        figure: `${found.runs} runs, ${found.acknowledged} acknowledged, ${found.late} too many, ${found.lost} lost`,
      }
    },
  },
  {
    name: 'replays',
    says: 'old commands again leave the size of the log unchanged',
    run: async ({ scale, seed }) => {
      const found = await replays({ count: size(scale, 40, 1000), seed })
      return {
        holds: found.grown === 0 && found.contradictions === 0,
        figure: `${found.replays} replays, log grown by ${found.grown}, ${found.contradictions} other receipts`,
      }
    },
  },
  {
    name: 'jumps',
    says: 'no block crosses a jump of the clock that nobody confirmed',
    run: async ({ scale, seed }) => {
      const found = await jumps({ count: size(scale, 20, 200), seed })
      return {
        holds: found.blocksAcross === 0 && found.backwards === 0,
        figure: `${found.jumps} jumps, ${found.blocksAcross} blocks across, ${found.backwards} backwards`,
      }
    },
  },
  {
    name: 'rebuild',
    says: 'the journal alone, with domain code that throws, gives the state',
    run: async ({ seed }) => {
      const found = await rebuild({ seed })
      return {
        holds: found.differing === 0,
        figure: `${found.height} frames, ${found.records} records compared, ${found.differing} differ`,
      }
    },
  },
  {
    name: 'mutants',
    says: 'no mutated command, proof, checkpoint or note is accepted',
    run: async ({ scale, seed }) => {
      const count = size(scale, 200, 100_000)
      const commands = commandMutants.run({ count, seed })
      const proofs = proofMutants.run({ count, seed })
      return {
        holds: commands.accepted === 0 && proofs.accepted === 0,
        figure: `${commands.tried} commands, ${proofs.tried} proofs and notes, ${commands.accepted + proofs.accepted} accepted`,
      }
    },
  },
  {
    name: 'rewrites',
    says: 'history that the operator rewrites with every key that it has is found',
    run: async ({ scale, seed }) => {
      const count = size(scale, 20, 1000)
      const { tried, byCheckpoint, byFollower, missed } = await rewrites.run({ count, seed })
      return {
        holds: tried === count && missed.length === 0 && byCheckpoint > 0 && byFollower > 0,
        figure: `${tried} rewrites, ${byCheckpoint} found from a checkpoint, ${byFollower} by a follower, ${missed.length} missed ${missed.join('; ')}`,
      }
    },
  },
  {
    name: 'restores',
    says: 'a backup made under load restores to the same root, and signs nothing by itself',
    run: async ({ scale, seed }) => {
      const count = size(scale, 2, 50)
      const found = await restores.run({ count, seed })
      const { equal, signed, controls, slowestMs } = found
      return {
        holds: equal === count && signed === 0 && controls === count,
        figure: `${count} drills, ${equal} to the same root, ${signed} signed, ${controls} sign without the mark, at most ${slowestMs} ms`,
      }
    },
  },
  {
    name: 'vault',
    says: "a vault killed between its sync and the command, and last week's backup, lose nothing current and bring nothing back",
    run: async ({ scale, seed }) => {
      const found = await vaultRestores.run({ count: size(scale, 6, 200), seed })
      const control = await vaultRestores.run({ count: 3, seed, forgetful: true })
      const { drills, crashes, commitments, erased, unopenable, resurrected } = found
      const holds = unopenable + resurrected + found.misreported === 0 && control.resurrected > 0
      return {
        holds: holds && drills > 0 && erased > 0 && crashes > drills,
        figure: [
          `${drills} drills with ${crashes} crashes`,
          `${unopenable} of ${commitments} current commitments unopenable`,
          `${resurrected} of ${erased} erased records resurrected`,
          `${found.misreported} losses without the mirror misreported`,
          `${control.resurrected} resurrected without the list of erasures ${found.first}`,
        ].join(', '),
      }
    },
  },
  {
    name: 'vaultkills',
    says: 'a killed process loses nothing that its vault answered for, and what it erased is gone',
    run: async ({ scale, seed }) => {
      const found = vaultKills.run({ count: size(scale, 4, 200), seed })
      return {
        holds: found.wrong + found.unreadable === 0 && found.stored > 0 && found.erased > 0,
        figure: [
          `${found.kills} kills, ${found.stored} stored, ${found.erased} erased`,
          `${found.wrong} wrong, ${found.unreadable} unreadable starts`,
        ].join(', '),
      }
    },
  },
  {
    name: 'vaultcuts',
    says: 'power loss with torn and reordered writes loses nothing stored and brings nothing back',
    run: async ({ scale, seed }) => {
      const found = await vaultImages.run({ count: size(scale, 60, 2000), seed })
      const faults = { dropSyncs: true }
      const control = await vaultImages.run({ count: size(scale, 20, 100), seed, faults })
      const { images, stored, erased, wrong, first } = found
      return {
        holds: wrong === 0 && stored > 0 && erased > 0 && control.wrong > 0,
        figure: [
          `${images} images, ${stored} stored, ${erased} erased, ${wrong} wrong ${first}`,
          `without syncs ${control.wrong} of ${control.images} wrong`,
        ].join('; '),
      }
    },
  },
  {
    name: 'vaultflips',
    says: 'a flipped bit in a vault is never returned as truth, and erases nothing',
    run: async ({ scale, seed }) => {
      const found = await vaultImages.flips({ count: size(scale, 100, 2000), seed })
      return {
        holds: found.silent === 0 && found.detected > 0,
        figure: `${found.flips} flips, ${found.detected} detected, ${found.harmless} harmless, ${found.silent} silent ${found.first}`,
      }
    },
  },
  {
    name: 'disclosure',
    says: 'kills, returns and withdrawals between permit and receipt: nothing leaves without a permit or late, and the ledger knows of all that left',
    run: async ({ scale, seed }) => {
      // An owner that answers before its record is durable must be found by the same run.
      // Few kills may all fall where it is lucky, so it is killed on until one has told.
      const count = size(scale, 2, 20)
      let control = await disclosures.run({ count, seed, forgetful: true })
      for (let more = 1; control.missing === 0 && more <= 10; more += 1) {
        control = await disclosures.run({ count, seed: seed + more, forgetful: true })
      }
      const found = await disclosures.run({ count: size(scale, 2, 200), seed })
      const { disclosed, refused, acknowledged, oneSided, unpermitted, late, stale } = found
      const wrong = unpermitted + late + stale + found.withdrawn + found.missing + found.unreadable
      return {
        holds: wrong === 0 && disclosed > 0 && oneSided > 0 && refused > 0 && control.missing > 0,
        figure: [
          `${found.kills} kills, ${found.permits} permits, ${disclosed} disclosed`,
          `${acknowledged} acknowledged and ${oneSided} closed alone, ${refused} requests refused`,
          `${unpermitted} without a permit, ${late} late, ${stale} of returned items`,
          `${found.withdrawn} permits after a withdrawal, ${found.missing} not on the ledger`,
          `${found.unreadable} unreadable starts ${found.first}`,
          `${control.missing} of ${control.disclosed} lost by an owner that answers too early`,
        ].join(', '),
      }
    },
  },
  {
    name: 'files',
    says: 'hostile files end in a trial or a clear refusal, within 10 s and 1 GiB each',
    run: async ({ scale, seed }) => {
      const every = size(scale, 11, 1)
      const count = size(scale, 40, 10_000)
      const found = await files.run({ count, seed, every, batch: 2500 })
      const faults = found.flatMap((each) => each.faults)
      const all = found.reduce((sum, each) => sum + each.files, 0)
      return {
        holds: faults.length === 0 && all >= count * files.mutantTypes.length,
        figure: `${all} files, ${faults.length} faults: ${files.told(found)}`,
      }
    },
  },
  {
    name: 'lists',
    says: 'the longest lists are tried and loaded within 500 MB',
    run: async ({ scale }) => {
      const text = size(scale, 2000, 1_000_000)
      const book = size(scale, 500, 200_000)
      // To load is to try first; alone, a trial is only worth its size.
      const verbs = scale === 'issue' ? (['tried', 'loaded'] as const) : (['loaded'] as const)
      const done = await lists.run({ text, book, verbs })
      const told = done.map(({ name, rows, seconds, peakMib }) => {
        return `${name} ${rows} rows in ${seconds.toFixed(1)} s, ${Math.round(peakMib)} MiB`
      })
      const holds = done.length > 0 && done.every(({ peakMib }) => peakMib < lists.mostMib)
      return { holds, figure: told.join('; ') }
    },
  },
  {
    name: 'loads',
    says: 'a killed load counts whole or not at all, and nobody is answered from a half of it',
    run: async ({ scale, seed }) => {
      const control = await loads.run({ count: size(scale, 1, 20), seed, forgetful: true })
      const found = await loads.run({ count: size(scale, 4, 200), seed })
      const { kills, halves, answered, mixed, differing } = found
      return {
        holds: answered + mixed + differing === 0 && kills > 0 && control.differing > 0,
        figure: [
          `${kills} kills at ${found.deeds.size} kinds of deeds, ${halves} halves seen in tables`,
          `${answered} systems answered from one, ${mixed} cities from two states`,
          `${differing} differ after the load was run again ${found.first}`,
          `${control.differing} of ${control.kills} where nothing says how to undo`,
        ].join(', '),
      }
    },
  },
  ...privacyClaims,
  {
    name: 'bugs',
    says: 'planted bugs are caught',
    run: async ({ scale }) => {
      const found = bugs.run(scale === 'issue' ? undefined : [3, 6, 11])
      return {
        holds: found.missed.length === 0,
        figure: `${found.caught} of ${found.bugs} caught ${found.missed.join('; ')}`,
      }
    },
  },
]
