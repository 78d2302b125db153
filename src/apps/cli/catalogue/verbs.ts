// Every command of the terminal, in the order in which help lists them.
import type { Verb } from '#apps/cli/command'
import { checking } from './checking.ts'
import { backups } from './backups.ts'
import { history } from './history.ts'
import { network } from './network.ts'

export const verbs: readonly Verb[] = [...checking, ...network, ...history, ...backups]
