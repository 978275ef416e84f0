import { podId } from '../../ports/ids.ts'
import { type MicroUsd, microUsdFromUsd } from '../../ports/money.ts'
import type { BillingRange, BillingRecord, GpuOffer, PodMarket } from '../../ports/pods.ts'
import type { BalanceReader } from './balance.ts'
import type { RunpodClient } from './client.ts'
import { unreadableReply } from './errors.ts'
import { billingReply, gpuListReply } from './schema.ts'

/** Prices, stock and bills of RunPod. */
export class RunpodMarket implements PodMarket {
  readonly #client: RunpodClient
  readonly #balance: BalanceReader

  constructor(client: RunpodClient, balance: BalanceReader) {
    this.#client = client
    this.#balance = balance
  }

  async offers(signal: AbortSignal): Promise<readonly GpuOffer[]> {
    // `include=AVAILABILITY` without `product` is refused with 400.
    const query = { include: 'AVAILABILITY', product: 'POD', count: '1' }
    const reply = gpuListReply.safeParse(
      await this.#client.send({ method: 'GET', path: '/catalog/gpus', query, signal }),
    )
    if (!reply.success) throw unreadableReply('GET /catalog/gpus', false, reply.error)
    return reply.data.gpus.map((gpu) => ({
      gpu: gpu.id,
      memoryGb: gpu.memory,
      secureMicroUsdPerHour: gpu.secure ? priceOf(gpu.price?.secure) : null,
      communityMicroUsdPerHour: gpu.community ? priceOf(gpu.price?.community) : null,
      stock: gpu.availability ?? null,
    }))
  }

  async billing({ from, to, podId: one }: BillingRange, signal: AbortSignal): Promise<readonly BillingRecord[]> {
    const range = { startTime: isoTime(from), endTime: isoTime(to), bucketSize: 'hour' }
    const query: Record<string, string> = one === undefined ? range : { ...range, podId: one }
    const reply = billingReply.safeParse(
      await this.#client.send({ method: 'GET', path: '/billing/pods', query, signal }),
    )
    if (!reply.success) throw unreadableReply('GET /billing/pods', false, reply.error)
    // A query field that is not known (any more) is ignored in silence, and everything answered.
    const records = reply.data.records.filter((record) => one === undefined || record.podId === one)
    return records.map((record) => ({
      podId: podId.parse(record.podId),
      startTime: Date.parse(record.startTime),
      endTime: Date.parse(record.endTime),
      totalMicroUsd: microUsdFromUsd(record.totalAmount),
    }))
  }

  balance(signal: AbortSignal): Promise<MicroUsd | null> {
    return this.#balance.read(signal)
  }
}

function priceOf(usd: number | null | undefined): MicroUsd | null {
  return usd == null ? null : microUsdFromUsd(usd)
}

function isoTime(at: number): string {
  return new Date(at).toISOString()
}
