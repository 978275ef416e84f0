import type { Delivery } from '../state/delivery.ts'
import { sendDelivery } from './send-delivery.ts'

/** Webhooks on their way: sent at once, or held until they are released in an order of the test's choosing. */
export class Outbox {
  #held: Delivery[] | undefined
  readonly #underWay = new Set<Promise<void>>()
  readonly #ended = new AbortController()

  post(delivery: Delivery): void {
    if (this.#held === undefined) this.#send(delivery)
    else this.#held.push(delivery)
  }

  hold(): void {
    this.#held ??= []
  }

  release(order: 'as-sent' | 'reversed'): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const delivery of order === 'reversed' ? held.toReversed() : held) this.#send(delivery)
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  async stop(): Promise<void> {
    this.#held = []
    this.#ended.abort(new Error('the sandbox was stopped'))
    await this.settled()
  }

  #send(delivery: Delivery): void {
    const sending = sendDelivery(delivery, this.#ended.signal).finally(() => this.#underWay.delete(sending))
    this.#underWay.add(sending)
  }
}
