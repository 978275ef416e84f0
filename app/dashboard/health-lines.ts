import { z } from 'zod'
import { CANARIES_FACT } from '../../jobs/governance-canaries.ts'
import { usdFromMicroUsd } from '../../ports/money.ts'
import type { Mood } from './bits.ts'
import type { DashboardParts } from './parts.ts'
import { agoText, countText, durationText, percentText, usdText } from './words.ts'

/** One thing the server knows about itself, and what to do when it is not well. */
export interface HealthLine {
  readonly name: string
  readonly mood: Mood
  readonly text: string
  readonly remedy: string | null
}

const SLOW_STORE_MS = 250
const STALE_UPKEEP_MS = 30 * 60_000
const WARN_SHARE = 0.8
const MOST_UNDONE = 100

const canaries = z.object({ at: z.number(), dead: z.array(z.object({ rule: z.string() })) })
const billing = z.object({ at: z.number(), ratio: z.number(), isAlarming: z.boolean() })
const coolDowns = z.record(z.string(), z.object({ until: z.number(), cause: z.string() }))

/** What the server can say without asking anybody else. */
export async function healthLines(parts: DashboardParts): Promise<readonly HealthLine[]> {
  const { store, clock } = parts
  const now = clock.now()
  const [queue, deliveries, pods, keys, storeMs] = await Promise.all([
    parts.queue.depth(),
    store.deliveries.countByFate(),
    store.pods.listLive(),
    store.keys.list(),
    timeOf(clock, () => store.facts.get('readiness')),
  ])
  const waiting = Object.values(queue).reduce((sum, { waiting: count }) => sum + count, 0)
  const overdue = pods.filter((pod) => pod.deadlineAt < now)
  return [
    line('Server', 'good', `Version ${parts.version}, up ${durationText(now - parts.startedAt)}.`),
    line(
      'Store',
      parts.recovered ? 'warn' : storeMs > SLOW_STORE_MS ? 'warn' : 'good',
      parts.recovered
        ? 'The embedded database was torn; an empty one took its place.'
        : `Answers in ${durationText(storeMs)}.`,
      parts.recovered ? 'Its old files were kept aside in DEVLOOP_DATA.' : null,
    ),
    line('Queue', 'good', `${countText(waiting, 'message')} waiting.`),
    engineLine(parts),
    line(
      'Pods',
      overdue.length > 0 ? 'bad' : 'good',
      overdue.length > 0
        ? `${countText(overdue.length, 'pod')} past the deadline.`
        : `${countText(pods.length, 'pod')} live, none past its deadline.`,
      overdue.length > 0 ? 'Run `devloop pods reap`.' : null,
    ),
    await coolDownLine(parts, now),
    ...(await budgetLines(parts)),
    githubLine(parts),
    line(
      'Deliveries',
      deliveries.failed > 0 || deliveries.undone > MOST_UNDONE ? 'warn' : 'good',
      `${deliveries.handled} handled, ${deliveries.ignored} ignored, ${deliveries.failed} failed, ${deliveries.undone} not yet done.`,
      deliveries.failed > 0 ? 'Failed ones are asked for again by the upkeep; the log says why.' : null,
    ),
    await upkeepLine(parts, now),
    await canaryLine(parts, now),
    await billingLine(parts, now),
    keyLine(keys.filter((key) => key.revokedAt === null).length),
  ]
}

function line(name: string, mood: Mood, text: string, remedy: string | null = null): HealthLine {
  return { name, mood, text, remedy }
}

async function timeOf(clock: DashboardParts['clock'], body: () => Promise<unknown>): Promise<number> {
  const from = clock.now()
  await body()
  return clock.now() - from
}

function engineLine({ engine, defaultModel }: DashboardParts): HealthLine {
  if (engine === 'runpod') return line('Engine', 'good', `RunPod is rented when needed; default model ${defaultModel}.`)
  return line('Engine', 'good', `A fixed one at ${engine}; default model ${defaultModel}.`)
}

async function coolDownLine({ store }: DashboardParts, now: number): Promise<HealthLine> {
  const held = Object.entries(coolDowns.catch({}).parse((await store.facts.get('fleet/cool-downs')) ?? {}))
    .filter(([, { until }]) => until > now)
    .map(([key, { until, cause }]) => `${key}: ${cause}, ${durationText(until - now)} more`)
  if (held.length === 0) return line('GPU stock', 'good', 'No kind of GPU is set aside.')
  return line('GPU stock', 'warn', held.join('; '), 'Other candidates are tried; allow more in fleet.gpus.')
}

async function budgetLines({ readStatus, budget }: DashboardParts): Promise<HealthLine[]> {
  const { cost } = await readStatus()
  const of = (name: string, spent: number, cap: number): HealthLine => {
    const share = cap === 0 ? 1 : spent / cap
    const mood: Mood = share >= 1 ? 'bad' : share >= WARN_SHARE ? 'warn' : 'good'
    const remedy = share >= 1 ? 'Nothing more is rented until it is raised or the time is over.' : null
    return line(name, mood, `${usdText(spent)} of ${usdText(cap)} (${percentText(share)}).`, remedy)
  }
  return [
    of('Budget of the day', cost.todayUsd, usdFromMicroUsd(budget.perDayMicroUsd)),
    of('Budget of the month', cost.monthUsd, usdFromMicroUsd(budget.perMonthMicroUsd)),
  ]
}

function githubLine({ githubWebUrl, github }: DashboardParts): HealthLine {
  if (githubWebUrl === null)
    return line(
      'GitHub App',
      'plain',
      'Not configured: controller only.',
      'Set APP_ID, PRIVATE_KEY and WEBHOOK_SECRET.',
    )
  if (github === null)
    return line(
      'GitHub App',
      'good',
      `Configured for ${githubWebUrl}; log-in with GitHub is off.`,
      'Set CLIENT_ID and CLIENT_SECRET for it.',
    )
  return line('GitHub App', 'good', `Configured for ${githubWebUrl}, with log-in.`)
}

async function upkeepLine({ store, githubWebUrl }: DashboardParts, now: number): Promise<HealthLine> {
  if (githubWebUrl === null) return line('Upkeep', 'plain', 'Not needed without GitHub.')
  const at = Number((await store.facts.get('upkeep:last')) ?? 0)
  if (at === 0) return line('Upkeep', 'warn', 'Has not ended a round yet.', 'The first one runs right after the start.')
  const isStale = now - at > STALE_UPKEEP_MS
  return line(
    'Upkeep',
    isStale ? 'warn' : 'good',
    `Last round ${agoText(at, now)}.`,
    isStale ? 'It should run every ten minutes; the log says what holds it.' : null,
  )
}

async function canaryLine({ store }: DashboardParts, now: number): Promise<HealthLine> {
  const fact = canaries.safeParse(await store.facts.get(CANARIES_FACT)).data
  if (fact === undefined) return line('Rule canaries', 'plain', 'Have not run yet.')
  const dead = fact.dead.map(({ rule }) => rule)
  if (dead.length === 0) return line('Rule canaries', 'good', `All alive, tried ${agoText(fact.at, now)}.`)
  return line('Rule canaries', 'bad', `${dead.join(', ')} no longer block.`, 'Update DevLoop, or look at the policy.')
}

async function billingLine({ store, engine }: DashboardParts, now: number): Promise<HealthLine> {
  if (engine !== 'runpod') return line('Bill', 'plain', 'Nothing is rented.')
  const fact = billing.safeParse(await store.facts.get('fleet/billing')).data
  if (fact === undefined) return line('Bill', 'plain', 'Not compared yet.')
  return line(
    'Bill',
    fact.isAlarming ? 'bad' : 'good',
    `Ledger and bill are ${percentText(fact.ratio)} apart, compared ${agoText(fact.at, now)}.`,
    fact.isAlarming ? 'Look on RunPod for pods that DevLoop did not rent.' : null,
  )
}

function keyLine(count: number): HealthLine {
  if (count > 0) return line('API keys', 'good', `${countText(count, 'key')} in use.`)
  return line('API keys', 'warn', 'No agent can call the controller.', 'Run `devloop keys create me --scope infer`.')
}
