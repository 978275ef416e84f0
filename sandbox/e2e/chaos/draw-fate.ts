import type { Random } from '../../../ports/clock.ts'
import type { VirtualFaults } from './virtual-faults.ts'
import type { VirtualPod } from './virtual-pod.ts'

/** What becomes of a pod that is born now, and when it dies by itself. */
export function drawFate(
  { stuckProvisioning: stuck, zeroGpu, modelFails, diesPerMinute }: VirtualFaults,
  random: Random,
  now: number,
): Pick<VirtualPod, 'fate' | 'diesAt'> {
  const draw = random.fraction()
  const zero = stuck + zeroGpu
  const fate = draw < stuck ? 'stuck' : draw < zero ? 'zero-gpu' : draw < zero + modelFails ? 'model-fails' : 'normal'
  const diesAt =
    diesPerMinute === 0 ? Number.POSITIVE_INFINITY : now - (Math.log(1 - random.fraction()) / diesPerMinute) * 60_000
  return { fate, diesAt }
}
