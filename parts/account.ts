import { createMoneyJournal } from '../adapters/journal/money-journal.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import { createSystemLog } from '../adapters/system/system-log.ts'
import { createSystemRandom } from '../adapters/system/system-random.ts'
import type { Environment } from '../config/environment.ts'
import { PodsError } from '../ports/errors.ts'
import { localInstallId } from './install-id.ts'
import { createRunpodParts } from './runpod.ts'

/** The provider account and what this machine knows of it, without any database. */
export async function openAccount(environment: Environment) {
  if (environment.RUNPOD_API_KEY === undefined) {
    throw new PodsError({
      code: 'unauthorized',
      owner: 'user',
      message: 'RunPod was to be asked for its pods, but RUNPOD_API_KEY is not set.',
      remedy: 'Put the key of the RunPod account whose pods are meant into RUNPOD_API_KEY.',
    })
  }
  const clock = systemClock
  const random = createSystemRandom()
  const log = createSystemLog({
    level: environment.LOG_LEVEL === 'info' ? 'warn' : environment.LOG_LEVEL,
    format: 'text',
  })
  const { provider, market } = createRunpodParts(environment, { clock, random, log })
  return {
    provider,
    market,
    clock,
    log,
    installId: await localInstallId(environment, random),
    journal: createMoneyJournal(environment.DEVLOOP_DATA),
  }
}
