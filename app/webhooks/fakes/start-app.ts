import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGithubApp } from '../../../adapters/github/github-app.ts'
import type { GithubCall } from '../../../adapters/github/client.ts'
import { createMemoryQueue } from '../../../adapters/memory/memory-queue.ts'
import { createMemoryStore } from '../../../adapters/memory/memory-store.ts'
import { systemClock } from '../../../adapters/system/system-clock.ts'
import { createGovernanceWorker } from '../../../jobs/governance-job.ts'
import type { GovernanceParts } from '../../../jobs/governance-parts.ts'
import { createPlanCache } from '../../../jobs/snapshot/plan-sides.ts'
import { installationId, repositoryName } from '../../../ports/ids.ts'
import { createSeededRandom } from '../../../ports/fakes/seeded-random.ts'
import type { Log } from '../../../ports/log.ts'
import { silentLog } from '../../../ports/log.ts'
import type { NewJob } from '../../../ports/store.ts'
import { type Shop, startShop } from '../../../sandbox/github/__support__/start-shop.ts'
import type { UpkeepParts } from '../upkeep.ts'
import { createDeliveryWorker } from '../delivery-worker.ts'
import { createInbox } from '../inbox.ts'
import { createWebhookRoute } from '../route.ts'
import { createWebhookListener } from '../webhook-listener.ts'

/** The App's intake and governance over the emulated GitHub, with everything in memory. */
export async function startApp() {
  // Tests soon use up what GitHub allows in a minute, and would then wait for the next one.
  const shop: Shop = await startShop({ secondaryLimits: false })
  const { registration } = shop
  const clock = systemClock
  const problems: string[] = []
  const log: Log = {
    ...silentLog,
    warn: (facts, sentence) => problems.push(`${sentence} ${JSON.stringify(facts)}`),
    error: (facts, sentence) => problems.push(`${sentence} ${JSON.stringify(facts)}`),
  }
  const store = createMemoryStore({ clock })
  const queue = createMemoryQueue({ clock })
  const calls: GithubCall[] = []
  const github = createGithubApp({
    throttle: { run: (_owner, _kind, body) => body() },
    fetch,
    baseUrl: shop.github.url,
    clock,
    appId: registration.id,
    privateKey: registration.privateKeyPem,
    log,
    onCall: (call) => calls.push(call),
  })
  const jobs: NewJob[] = []
  const governance: GovernanceParts = {
    github,
    store,
    queue,
    clock,
    log,
    random: createSeededRandom(1),
    cache: createPlanCache(),
    verdictUrl: (id) => `https://devloop.test/verdicts/${id}`,
  }
  const intake: UpkeepParts = {
    keptMs: 90 * 86_400_000,
    github,
    store,
    queue,
    clock,
    random: createSeededRandom(2),
    log,
    async createJob(job, limits) {
      await store.jobs.create(job, undefined, limits)
      jobs.push(job)
    },
    releaseIdlePods: async () => 'No GPU is idle.',
    jobUrl: () => null,
    hintDemand: () => {},
    publishReport: async () => {},
  }
  await queue.work('governance', createGovernanceWorker(governance))
  await queue.work(
    'delivery',
    createDeliveryWorker(intake, async () => ({ appId: registration.id, login: 'devloop[bot]' })),
  )
  const route = createWebhookRoute({
    secret: registration.webhookSecret ?? '',
    inbox: createInbox({ deliveries: store.deliveries, queue, log }),
    clock,
  })
  const server = createServer(createWebhookListener(route)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  shop.github.setWebhookUrl(registration, url)

  return {
    shop,
    store,
    queue,
    github,
    governance,
    intake,
    intakeRef: { installationId: installationId.parse(shop.installation.id), name: repositoryName.parse('acme/shop') },
    calls,
    jobs,
    problems,
    url,
    /** Resolves when no webhook is under way and no worker has anything left to do. */
    async settled() {
      for (let quiet = 0; quiet < 2; ) {
        await shop.github.webhooksSettled()
        const depth = Object.values(await queue.depth())
        const { undone } = await store.deliveries.countByFate()
        const isBusy = undone > 0 || depth.some(({ waiting, active }) => waiting + active > 0)
        quiet = isBusy ? 0 : quiet + 1
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    /** Our check on a commit, as everybody sees it. */
    async check(sha: string) {
      const { json } = await shop.asApp(
        'GET',
        `/repos/acme/shop/commits/${sha}/check-runs?check_name=devloop/governance`,
      )
      const runs = json.check_runs as unknown as readonly {
        id: number
        conclusion: string
        output: { title: string; summary: string; text: string; annotations_count: number }
      }[]
      return runs[0]
    },
    async stop() {
      await queue.stop(2_000)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await shop.stop()
      await store.close()
    },
  }
}
export type RunningApp = Awaited<ReturnType<typeof startApp>>
