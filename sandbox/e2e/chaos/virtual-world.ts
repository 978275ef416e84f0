import type { FleetPolicy } from '../../../fleet/policy.ts'
import type { Clock, Random } from '../../../ports/clock.ts'
import { podId } from '../../../ports/ids.ts'
import type { ModelEngine } from '../../../ports/model.ts'
import { microUsdFromUsd } from '../../../ports/money.ts'
import { CHAOS_FAULTS, NO_FAULTS, type VirtualFaults } from './virtual-faults.ts'
import type { VirtualOrder } from './virtual-order.ts'
import { VIRTUAL_POLICY } from './virtual-policy.ts'
import { VirtualRunpod } from './virtual-runpod.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000

/** The provider of a virtual run, with a pod of somebody else in its account. */
export function virtualProvider(clock: Clock, random: Random, order: VirtualOrder): VirtualRunpod {
  const faults: VirtualFaults = { ...(order.crashAt === undefined ? CHAOS_FAULTS : NO_FAULTS), ...order.faults }
  const runpod = new VirtualRunpod(clock, random, () => faults)
  runpod.foreign.push({
    id: podId.parse('foreign1'),
    name: 'somebody-elses-training',
    status: 'RUNNING',
    gpuCount: 1,
    gpu: null,
    cloud: null,
    microUsdPerHour: microUsdFromUsd(2),
    createdAt: clock.now() - HOUR,
  })
  return runpod
}

/** The design's policy, with the waits that only delay a run made shorter. */
export function virtualPolicy(order: VirtualOrder): FleetPolicy {
  return {
    ...VIRTUAL_POLICY,
    maxCreatesPerHour: 1_000,
    ...order.policy,
    timings: {
      ...VIRTUAL_POLICY.timings,
      bootCoolDownMs: 20 * SECOND,
      capacityCoolDownMs: 10 * SECOND,
      provisionMs: MINUTE,
      ...order.policy?.timings,
      billsMs: MINUTE,
      // Later than clocks jump, as the real two hours are.
      billAfterMs: (order.clockJumps === true ? 15 : 5) * MINUTE,
      billAgainMs: 2 * MINUTE,
    },
  }
}

const unused = () => Promise.reject(new Error('no model is asked here'))
export const NO_ENGINE: ModelEngine = {
  chat: unused,
  embed: unused,
  listModels: unused,
  showModel: unused,
  version: unused,
}
