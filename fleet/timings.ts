const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000

/** Every wait and pace of the fleet. The defaults are the design's; the sandbox and tests pass shorter ones. */
export interface FleetTimings {
  /** The reconcile lease; renewed every third of it. */
  readonly leaseMs: number
  /** Pace of the loop while something is under way, and while nothing is. Wake-ups come on top. */
  readonly tickMs: number
  readonly idleTickMs: number
  /** Pace of lists while a pod comes or goes, while pods just serve, and with nothing rented (the sweep). */
  readonly listMs: number
  readonly steadyListMs: number
  readonly sweepListMs: number
  readonly listTimeoutMs: number
  /** Pace of looks at a guard while a pod warms up, and once it serves. */
  readonly warmPollMs: number
  readonly steadyPollMs: number
  readonly heartbeatMs: number
  readonly accrueMs: number
  /** How long a create with an unknown outcome is looked for by name. */
  readonly settleMs: number
  /** A usual boot: a job that may not cost even that is refused before anything is rented. */
  readonly usualBootMs: number
  readonly provisionMs: number
  readonly guardMs: number
  readonly modelMs: number
  /** How long a serving guard may be silent before its pod counts as lost. */
  readonly guardSilenceMs: number
  /** How long a fresh pod may be missing from lists. */
  readonly youngMs: number
  /** Distance of the two lists that prove absence. */
  readonly absenceMs: number
  /** Distance of the two sightings before the sweep deletes. */
  readonly sightingMs: number
  /** How long a draining pod waits for running calls. */
  readonly drainMs: number
  /** A pod that comes up for nobody is given back after this. */
  readonly unwantedMs: number
  readonly lifetimeMs: number
  readonly firstDeleteRetryMs: number
  readonly longestDeleteRetryMs: number
  readonly capacityCoolDownMs: number
  readonly bootCoolDownMs: number
  readonly rateLimitMs: number
  readonly offersMs: number
  /** How long a demand or a slot lives without being renewed. */
  readonly holdMs: number
  readonly fifoAfterMs: number
  /** Pace of looks at the provider's bills. */
  readonly billsMs: number
  /** How old a settlement must be before its bill is read, and the distance of the two readings that must agree. */
  readonly billAfterMs: number
  readonly billAgainMs: number
  /** A pod whose bill has not come by then stays settled by the clock. */
  readonly billGiveUpMs: number
}

export const FLEET_TIMINGS: FleetTimings = {
  leaseMs: 15 * SECOND,
  tickMs: 2 * SECOND,
  idleTickMs: 5 * SECOND,
  listMs: 3 * SECOND,
  steadyListMs: 15 * SECOND,
  sweepListMs: MINUTE,
  listTimeoutMs: 20 * SECOND,
  warmPollMs: 500,
  steadyPollMs: 10 * SECOND,
  heartbeatMs: MINUTE,
  accrueMs: 30 * SECOND,
  settleMs: 90 * SECOND,
  usualBootMs: 2 * MINUTE,
  provisionMs: 10 * MINUTE,
  guardMs: 10 * MINUTE,
  modelMs: 15 * MINUTE,
  guardSilenceMs: MINUTE,
  youngMs: MINUTE,
  absenceMs: 10 * SECOND,
  sightingMs: 30 * SECOND,
  drainMs: 15 * MINUTE,
  unwantedMs: 15 * SECOND,
  lifetimeMs: 4 * HOUR,
  firstDeleteRetryMs: SECOND,
  longestDeleteRetryMs: MINUTE,
  capacityCoolDownMs: 2 * MINUTE,
  bootCoolDownMs: 30 * MINUTE,
  rateLimitMs: 30 * SECOND,
  offersMs: MINUTE,
  holdMs: 30 * SECOND,
  fifoAfterMs: 5 * MINUTE,
  billsMs: HOUR,
  billAfterMs: 2 * HOUR,
  billAgainMs: HOUR,
  billGiveUpMs: 72 * HOUR,
}
