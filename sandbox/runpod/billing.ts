import type { Account } from './account.ts'
import type { Call } from './operations.ts'
import { json, ProblemReply, type Reply } from './reply.ts'

const hourMs = 3_600_000
const bucketHours: Readonly<Record<string, number>> = { hour: 1, day: 24, week: 168, month: 720, year: 8_760 }

/** The exact bill of one pod, from its create to its end, whatever the client believes. */
export interface PodBill {
  readonly podId: string
  readonly name: string
  readonly createdAt: number
  readonly endedAt: number | null
  readonly paidMs: number
  readonly costMicroUsd: number
}

export function bills(account: Account): PodBill[] {
  const now = account.clock.now()
  return [...account.pods.values()].map((pod) => ({
    podId: pod.id,
    name: pod.name,
    createdAt: pod.createdAt,
    endedAt: pod.endedAt,
    paidMs: pod.meter.ranMs(now),
    costMicroUsd: pod.meter.costMicroUsd(now),
  }))
}

/** GET /v2/billing/pods: buckets of an hour at finest, late, in fractions of dollars that no bucket rounds for the next. */
export function listPodBilling(account: Account, call: Call): Reply {
  const bucketSize = call.query.get('bucketSize') ?? 'day'
  const hours = bucketHours[bucketSize]
  if (hours === undefined) throw new ProblemReply(400, `bucketSize ${bucketSize} is not valid`)
  const bucketMs = hours * hourMs
  const { from, to } = window(account, call, bucketMs)
  const podId = call.query.get('podId')
  const known = account.clock.now() - (account.options.billingLagMs ?? 0)
  const records = []
  for (const pod of account.pods.values()) {
    if (podId !== null && pod.id !== podId) continue
    const start = Math.max(from, Math.floor(pod.createdAt / bucketMs) * bucketMs)
    for (let at = start; at < Math.min(to, known); at += bucketMs) {
      const cost = pod.meter.costUsd(account.clock.now(), { from: at, to: Math.min(at + bucketMs, known) })
      if (cost > 0) records.push({ startTime: iso(at), endTime: iso(at + bucketMs), podId: pod.id, ...amounts(cost) })
    }
  }
  const total = records.reduce((sum, record) => sum + record.totalAmount, 0)
  return json(200, {
    records,
    metadata: {
      query: { startTime: iso(from), endTime: iso(to), bucketSize, podId },
      recordCount: records.length,
      uniquePodCount: new Set(records.map((record) => record.podId)).size,
      totals: amounts(total),
    },
  })
}

function window(account: Account, call: Call, bucketMs: number): { readonly from: number; readonly to: number } {
  const now = account.clock.now()
  const lastN = call.query.get('lastN')
  const start = call.query.get('startTime')
  const end = call.query.get('endTime')
  if (lastN !== null && (start !== null || end !== null)) {
    throw new ProblemReply(400, 'lastN and startTime/endTime exclude each other')
  }
  const to = Math.ceil(instant(end, now) / bucketMs) * bucketMs
  if (lastN !== null) {
    const count = Number(lastN)
    if (!Number.isInteger(count) || count < 1) throw new ProblemReply(400, 'lastN must be 1 or more')
    return { from: to - count * bucketMs, to }
  }
  return { from: Math.floor(instant(start, now - 30 * 24 * hourMs) / bucketMs) * bucketMs, to }
}

function instant(text: string | null, fallback: number): number {
  if (text === null) return fallback
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new ProblemReply(400, `${text} is not a date-time`)
  return at
}

function amounts(usd: number) {
  return { totalAmount: usd, gpuAmount: usd, cpuAmount: 0, diskAmount: 0 }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
