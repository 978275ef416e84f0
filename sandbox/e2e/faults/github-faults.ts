import { until } from '../__support__/until.ts'
import { HALF_MENDED } from '../__support__/open-change.ts'
import type { HouseFault, Scene } from './house-fault.ts'

const EVERYTHING = '* *'

/** For some calls in a row, then well again by itself. */
function struck(fault: 'latency' | '403-primary' | '403-secondary' | '429' | '500' | '502', ms?: number, times = 3) {
  return async ({ house, ask, job }: Scene) => {
    house.github.addFault({ on: EVERYTHING, fault, times, ...(ms === undefined ? {} : { ms }) })
    ask()
    await until('the job to begin', async () => (await job()) !== undefined)
  }
}

/** GitHub answers nothing any more from the moment at which a pod runs. */
async function outage({ house, ask }: Scene): Promise<void> {
  ask()
  await until('a pod', () => house.runpod.livePods().length > 0)
  house.github.addFault({ on: EVERYTHING, fault: '502' })
  await until('a job that waits', () => house.logged.some((line) => line.includes('the job waits for it')))
}

export const githubFaults: readonly HouseFault[] = [
  {
    id: 'github-latency',
    area: 'GitHub',
    fault: 'every answer takes 2 s longer',
    during: struck('latency', 2_000, 12),
  },
  { id: 'github-500', area: 'GitHub', fault: '500 three times in a row, whatever is asked', during: struck('500') },
  { id: 'github-502', area: 'GitHub', fault: 'bad gateway for six calls', during: struck('502', undefined, 6) },
  {
    id: 'github-outage',
    area: 'GitHub',
    fault: 'down from the moment the pod runs, until the job has noticed',
    during: outage,
  },
  {
    id: 'github-primary-limit',
    area: 'GitHub',
    fault: 'the hour’s requests are used up: 403 with a reset in 3 s',
    during: struck('403-primary', 3_000, 6),
  },
  {
    id: 'github-secondary-limit',
    area: 'GitHub',
    fault: 'secondary limit: 403 with Retry-After, then 429',
    during: async (scene) => {
      scene.house.github.addFault({
        on: `POST ${scene.path}/pulls/*/reviews`,
        fault: '403-secondary',
        nth: 1,
        ms: 1_000,
      })
      scene.house.github.addFault({ on: `POST ${scene.path}/check-runs`, fault: '429', nth: 1, ms: 1_000 })
      scene.ask()
      await until('the job to begin', async () => (await scene.job()) !== undefined)
    },
  },
  {
    id: 'github-lost-replies',
    area: 'GitHub',
    fault: 'the first review, comment and check run are made, and their replies are lost',
    during: async ({ house, path, ask, job }) => {
      for (const on of [`POST ${path}/pulls/*/reviews`, `POST ${path}/issues/*/comments`, `POST ${path}/check-runs`])
        house.github.addFault({ on, fault: 'lost-reply', nth: 1 })
      ask()
      await until('the job to end', async () => ((await job())?.endedAt ?? null) !== null)
    },
  },
  {
    id: 'github-token-revoked',
    area: 'GitHub',
    fault: 'the installation token stops being good in the middle of the job (401)',
    during: async ({ house, ask }) => {
      ask()
      await until('a pod', () => house.runpod.livePods().length > 0)
      house.github.revokeInstallationTokens()
    },
  },
  {
    id: 'github-suspended',
    area: 'GitHub',
    fault: 'the owner suspends the installation while the pod runs, and takes it back',
    outcomes: ['posted', 'failed'],
    during: async ({ house, ask }) => {
      ask()
      await until('a pod', () => house.runpod.livePods().length > 0)
      house.github.suspend(house.installation)
      await until('the pod to be gone', () => house.runpod.livePods().length === 0)
    },
    heal: ({ house, ask }) => {
      house.github.suspend(house.installation, false)
      ask()
    },
  },
  {
    id: 'github-webhooks-lost',
    area: 'GitHub',
    fault: 'nobody answers at our door when the command is delivered; it is delivered again when somebody does',
    during: async ({ house, ask }) => {
      house.door.shut()
      ask()
      await house.github.webhooksSettled()
    },
    heal: ({ house, change }) => {
      house.door.open()
      const lost = house.github.deliveries.filter(
        ({ payload, status }) => status !== 'OK' && payload.includes(`"full_name":"${change.name}"`),
      )
      for (const { guid } of lost) house.github.duplicateDelivery(guid)
    },
  },
  {
    id: 'github-branch-deleted',
    area: 'GitHub',
    fault: 'the head branch is deleted while the review runs',
    outcomes: ['posted', 'failed', 'cancelled'],
    during: async ({ house, change, ask }) => {
      ask()
      await until('a pod', () => house.runpod.livePods().length > 0)
      await change.bob.deleteBranch(change.branch)
    },
  },
  {
    id: 'github-force-push',
    area: 'GitHub',
    fault: 'a forced push replaces the head while the review runs',
    outcomes: ['posted', 'partial', 'failed', 'clean'],
    during: async ({ house, change, ask }) => {
      ask()
      await until('a pod', () => house.runpod.livePods().length > 0)
      await change.bob.push(change.branch, { 'src/orders.ts': HALF_MENDED }, 'Bind the value')
    },
  },
]
