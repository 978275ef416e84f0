import { z } from 'zod'
import type { Clock, Random } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import { type MicroUsd, microUsd } from '../../ports/money.ts'
import type { Store } from '../../ports/store.ts'
import { type Alert, alertsOf, type Watched } from './alerts.ts'

const EVERY_MS = 60_000
const LEASE_MS = 3 * EVERY_MS
const SEND_MS = 10_000
const TOLD = 'alert/'
const KEEP_MS = 40 * 86_400_000
/** Whoever has begun to tell an alert and is not heard of for so long has died over it. */
const TELLING_MS = 5 * EVERY_MS

const count = z.number().int().nonnegative().transform(microUsd)
const sweptFact = z.object({ count: z.number(), pod: z.string() })
const billingFact = z.object({
  at: z.number(),
  isAlarming: z.boolean(),
  ledgerMicroUsd: count,
  billedMicroUsd: count,
})

/** Of an occasion whose telling began; without `telling` it is known to have been heard. */
const toldFact = z.object({ at: z.number(), telling: z.boolean().optional(), id: z.string().optional() })

export interface AlertParts {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly budget: { readonly perDayMicroUsd: MicroUsd; readonly perMonthMicroUsd: MicroUsd }
  /** Takes `{"text": ...}` by POST, as Slack, Mattermost and Discord (`/slack`) do. */
  readonly webhookUrl: string
  readonly fetch: (url: string, init: RequestInit) => Promise<{ readonly ok: boolean; readonly status: number }>
}

/**
 * Looks every minute and tells each occasion once, from one replica, until `signal` aborts. What could not be sent is sent again. Where
 * it may have been heard and only the answer was lost, it says so and bears the same `Idempotency-Key`: a webhook that knows such keys
 * drops it, and people see that it is the same.
 */
export async function watchAlerts(parts: AlertParts, signal: AbortSignal): Promise<void> {
  const { store, clock, random, log } = parts
  const holder = random.ulid(clock.now())
  while (!signal.aborted) {
    try {
      const isOurs = await store.leases.acquire('alerts', holder, LEASE_MS, clock.now())
      if (isOurs !== undefined) await tellNew(parts, signal)
    } catch (error) {
      // The address of the webhook is a secret, and fetch puts it into its messages.
      log.warn(
        { error: error instanceof Error ? error.name : 'unknown' },
        'Alerts could not be told; tried again in a minute',
      )
    }
    await clock.sleep(EVERY_MS, signal).catch(() => {})
  }
  await store.leases.release('alerts', holder).catch(() => {})
}

async function tellNew(parts: AlertParts, signal: AbortSignal): Promise<void> {
  const { store, clock } = parts
  const now = clock.now()
  for (const alert of alertsOf(await look(parts, now))) {
    if (signal.aborted) return
    await tell(parts, alert, signal)
  }
  for (const [key, value] of await store.facts.listByPrefix(TOLD)) {
    const told = toldFact.safeParse(value)
    if (!told.success || told.data.at < now - KEEP_MS) await store.facts.delete(key)
  }
}

/** Claims the occasion first: sending may take longer than the lease, and another replica must not begin meanwhile. */
async function tell(parts: AlertParts, alert: Alert, signal: AbortSignal): Promise<void> {
  const { store, clock } = parts
  const name = TOLD + alert.key
  const known = await store.facts.get(name)
  const told = toldFact.safeParse(known).data
  if (told !== undefined && (told.telling !== true || told.at > clock.now() - TELLING_MS)) return
  const id = told?.id ?? parts.random.ulid(clock.now())
  const isAgain = told !== undefined
  if (!(await store.facts.swap(name, known, { at: clock.now(), telling: true, id }))) return
  try {
    await send(parts, { text: alert.text, id, isAgain }, signal)
  } catch (error) {
    // As if whoever began had died over it: it is told again at the next look, as one that may have been heard.
    if (isAgain || mayBeHeard(error)) await store.facts.set(name, { at: clock.now() - TELLING_MS, telling: true, id })
    else await store.facts.delete(name)
    throw error
  }
  await store.facts.set(name, { at: clock.now() })
}

async function look({ store, budget }: AlertParts, now: number): Promise<Watched> {
  const date = new Date(now)
  const [today, month, swept, billing, demands] = await Promise.all([
    store.ledger.spent(now - (now % 86_400_000)),
    store.ledger.spent(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)),
    store.facts.get('fleet/swept'),
    store.facts.get('fleet/billing'),
    store.demands.list(),
  ])
  return {
    now,
    budget,
    todayMicroUsd: today,
    monthMicroUsd: month,
    swept: sweptFact.safeParse(swept).data ?? null,
    billing: billingFact.safeParse(billing).data ?? null,
    withoutGpu: demands.filter(({ note, refused }) => refused?.code === 'no-capacity' || note !== null),
  }
}

interface Telling {
  readonly text: string
  readonly id: string
  readonly isAgain: boolean
}

async function send({ webhookUrl, fetch }: AlertParts, telling: Telling, signal: AbortSignal): Promise<void> {
  const opening = telling.isAgain ? 'DevLoop, again (whether this was heard before is not known)' : 'DevLoop'
  const answer = await fetch(webhookUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': telling.id },
    body: JSON.stringify({ text: `${opening}: ${telling.text}` }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(SEND_MS)]),
    redirect: 'error',
  })
  if (!answer.ok) throw new WebhookRefusal(answer.status)
}

class WebhookRefusal extends Error {
  readonly status: number

  constructor(status: number) {
    super(`the webhook answered ${status}`)
    this.status = status
  }
}

/** A refusal says that nothing was taken, unless a proxy in between says it; nobody at the address cannot have heard either. */
function mayBeHeard(error: unknown): boolean {
  if (error instanceof WebhookRefusal) return error.status >= 500
  const { cause } = error instanceof Error ? error : {}
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return !NEVER_REACHED.has(String(code))
}

const NEVER_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])
