import { PodsError, StoreError } from '../ports/errors.ts'
import type { EngineDemand, EngineLease } from '../ports/model.ts'
import { costOf, type MicroUsd } from '../ports/money.ts'
import type { PodRow, PodState } from '../ports/store.ts'
import type { EngineParts } from './engines.ts'
import { podToken } from './pod-token.ts'
import type { FleetPolicy } from './policy.ts'
import { errorText } from './refusal.ts'
import { OVER_BUDGET } from './end-reasons.ts'
import { Wake } from './wake.ts'

interface Held {
  readonly demand: EngineDemand
  readonly askedAt: number
  readonly row: PodRow
  readonly slots: number
}

const SERVING: ReadonlySet<PodState> = new Set(['ready', 'busy', 'draining'])

/** A lease on slots that were just taken: watched, renewed and paid for until it is released or lost. */
export function holdPod(parts: EngineParts, policy: FleetPolicy, held: Held): EngineLease {
  const { store, provider, clock, connect, tokenSecret } = parts
  const { row, demand } = held
  const lost = new AbortController()
  const over = new AbortController()
  const meter = new Meter(held, clock.now())
  const watching = watch(parts, policy, held, meter, lost, over.signal)
  const url = row.providerId === null ? '' : provider.addressOf(row.providerId, policy.pod.httpPort)
  const address = { url, token: podToken(tokenSecret, row.name) }
  let released: Promise<void> | undefined
  const release = async () => {
    over.abort()
    await watching
    meter.advance(clock.now())
    await parts.checkpoint?.('release:before')
    const cost = {
      jobId: demand.jobId,
      podName: row.name,
      repository: demand.repository,
      at: clock.now(),
      ...meter.total(),
    }
    const write = async () => {
      await store.ledger.chargeJob(cost)
      await store.slots.release(demand.jobId)
      await store.notify('pods')
    }
    await write().catch((error) =>
      parts.log.warn(
        { job: demand.jobId, error: errorText(error) },
        'Slots were not given back; they run out by themselves',
      ),
    )
    await parts.checkpoint?.('release:after')
  }
  return {
    engine: connect(address),
    address,
    model: row.model,
    digest: row.modelDigest,
    podName: row.name,
    gpu: row.candidate.gpu,
    microUsdPerHour: row.microUsdPerHour,
    slots: held.slots,
    readyAt: row.readyAt ?? clock.now(),
    lost: lost.signal,
    costSoFar() {
      meter.advance(clock.now())
      return meter.total()
    },
    release() {
      released ??= release()
      return released
    },
  }
}

/** A job's share of its pod's time: the wait for the pod to come up, then the time it runs, divided by those who share it. */
class Meter {
  readonly #rate: MicroUsd
  #gpuMs: number
  #at: number
  sharers = 1

  constructor({ row, askedAt }: Held, now: number) {
    const bootMs = (row.readyAt ?? now) - Math.max(row.attemptedAt ?? now, askedAt)
    this.#rate = row.microUsdPerHour
    this.#gpuMs = Math.max(0, bootMs)
    this.#at = now
  }

  advance(now: number): void {
    this.#gpuMs += Math.max(0, now - this.#at) / this.sharers
    this.#at = now
  }

  total(): { readonly microUsd: MicroUsd; readonly gpuMs: number } {
    return { microUsd: costOf(this.#rate, this.#gpuMs), gpuMs: Math.round(this.#gpuMs) }
  }

  /** How long until so much is spent, at the full rate. */
  untilMs(limit: MicroUsd): number {
    const left = Math.max(0, limit - this.total().microUsd)
    return this.#rate === 0 ? Number.POSITIVE_INFINITY : (left * 3_600_000) / this.#rate
  }
}

async function watch(
  parts: EngineParts,
  policy: FleetPolicy,
  { demand, row }: Held,
  meter: Meter,
  lost: AbortController,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock } = parts
  const { holdMs } = policy.timings
  const wake = new Wake()
  const stopListening = store.listen('pods', () => wake.ring())
  let expiresAt = clock.now() + holdMs
  let renewedAt = clock.now()
  try {
    for (;;) {
      const untilBudgetMs = meter.untilMs(demand.maxCostMicroUsd)
      await wake.wait(Math.max(1, Math.min(holdMs / 3, untilBudgetMs)), clock, signal)
      const now = clock.now()
      meter.advance(now)
      // A process that was stopped longer than its hold lasts has lost its slots to others.
      if (now >= expiresAt) return lost.abort(podLost(row, 'this process was away for too long'))
      if (meter.total().microUsd >= demand.maxCostMicroUsd) return lost.abort(jobBudgetReached(demand))
      try {
        const current = await store.pods.find(row.name)
        if (current === undefined || !SERVING.has(current.state)) return lost.abort(endOf(row, current))
        const holds = await store.slots.list()
        meter.sharers = Math.max(1, holds.filter((hold) => hold.podName === row.name && hold.expiresAt > now).length)
        if (now - renewedAt >= holdMs / 3 - 1) {
          await store.slots.renew(demand.jobId, now + holdMs)
          expiresAt = now + holdMs
          renewedAt = now
        }
      } catch (error) {
        parts.log.warn(
          { job: demand.jobId, error: errorText(error) },
          'A lease could not be looked after; it is tried again',
        )
      }
    }
  } catch (error) {
    if (!signal.aborted) lost.abort(error)
  } finally {
    stopListening()
  }
}

function endOf(row: PodRow, current: PodRow | undefined): Error {
  const reason = current?.endReason ?? 'it is gone'
  return reason === OVER_BUDGET
    ? new StoreError({
        code: 'budget-reached',
        owner: 'operator',
        message: 'The budget is used up, so the pod was given back while the job ran.',
        remedy: 'Wait until the day or month is over, or raise the budget.',
      })
    : podLost(row, reason)
}

function podLost(row: PodRow, why: string): PodsError {
  return new PodsError({
    code: 'not-found',
    owner: 'retry',
    message: `The pod ${row.name} was lost while a job ran on it: ${why}.`,
    remedy: 'The job is tried again on another pod.',
    facts: { pod: row.name, why },
  })
}

function jobBudgetReached(demand: EngineDemand): StoreError {
  return new StoreError({
    code: 'budget-reached',
    owner: 'user',
    message: `The job reached the $${(demand.maxCostMicroUsd / 1_000_000).toFixed(4)} it may cost.`,
    remedy: 'Raise --max-cost or budget.perJobUsd, or ask for less.',
  })
}
