// Checking a backup.
import type { Answer } from '#apps/cli/output'
import type { Ask } from '#apps/cli/command'
export async function verifyBackup(_ask: Ask): Promise<Answer> {
  throw new Error('x')
}
