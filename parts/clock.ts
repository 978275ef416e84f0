import { systemClock } from '../adapters/system/system-clock.ts'
import type { Clock } from '../ports/clock.ts'

export const clock: Clock = systemClock
