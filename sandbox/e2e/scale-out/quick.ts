import { FLEET_TIMINGS } from '../../../fleet/timings.ts'
import { FAST_TIMINGS } from '../chaos/fast-timings.ts'

// Loaded before `devloop serve` in the short mode: the waits of the fleet for a provider whose pods come up within a second.
Object.assign(FLEET_TIMINGS, FAST_TIMINGS, { absenceMs: 300, sightingMs: 600, youngMs: 1_000 })
