import { expect, it } from 'vitest'
import { bootAtOnce } from './measure.ts'

it('ten jobs that want ten pods have asked for them within two seconds, each for one', async () => {
  const { toReadyMs, bootMs, askedOverMs } = await bootAtOnce(10, 3)
  expect(toReadyMs).toHaveLength(10)
  expect(bootMs).toHaveLength(10)
  expect(askedOverMs).toBeLessThanOrEqual(2_000)
})
