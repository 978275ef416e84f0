import { expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { NOW, sampleDelivery, sampleDeliveryId } from './samples.ts'

export function deliveriesContract(get: () => Store): void {
  test('a delivery is new once, whether it comes again alone or within a batch', async () => {
    const { deliveries } = get()
    expect(await deliveries.addAll([sampleDelivery(1), sampleDelivery(2)])).toEqual(
      new Set([sampleDeliveryId(1), sampleDeliveryId(2)]),
    )
    expect(await deliveries.addAll([sampleDelivery(2), sampleDelivery(3), sampleDelivery(3)])).toEqual(
      new Set([sampleDeliveryId(3)]),
    )
    expect(await deliveries.addAll([])).toEqual(new Set())
  })

  test('a payload comes back letter by letter', async () => {
    const { deliveries } = get()
    const payload = '{"title":"ünïcödé \\u0000 \\ud83d\\ude00 😀",  "a":1}'
    await deliveries.addAll([sampleDelivery(1, { payload })])
    expect(await deliveries.find(sampleDeliveryId(1))).toEqual(sampleDelivery(1, { payload }))
    expect(await deliveries.find(sampleDeliveryId(2))).toBeUndefined()
  })

  test('undone ones are listed oldest first until they are done', async () => {
    const { deliveries } = get()
    await deliveries.addAll([3, 1, 2].map((n) => sampleDelivery(n)))
    await deliveries.markDone([sampleDeliveryId(2)], 'handled', NOW)
    expect(await deliveries.listUndone(NOW + 100, 10)).toEqual([sampleDeliveryId(1), sampleDeliveryId(3)])
    expect(await deliveries.listUndone(NOW + 2, 10)).toEqual([sampleDeliveryId(1)])
    expect(await deliveries.listUndone(NOW + 100, 1)).toEqual([sampleDeliveryId(1)])
  })

  test('pruning drops old ones that are done and never one that is not', async () => {
    const { deliveries } = get()
    await deliveries.addAll([1, 2, 3].map((n) => sampleDelivery(n)))
    await deliveries.markDone([sampleDeliveryId(1)], 'handled', NOW)
    await deliveries.markDone([sampleDeliveryId(3)], 'failed', NOW)
    expect(await deliveries.countByFate()).toEqual({ undone: 1, handled: 1, ignored: 0, failed: 1 })
    expect(await deliveries.prune(NOW + 3)).toBe(1)
    expect(await deliveries.countByFate()).toEqual({ undone: 1, handled: 0, ignored: 0, failed: 1 })
  })
}
