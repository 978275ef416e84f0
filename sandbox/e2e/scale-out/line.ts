import type { ThrowawayPostgres } from '../../postgres/start-postgres.ts'

/** How long and how hard each line is looked at. */
export interface Effort {
  readonly postgres: ThrowawayPostgres
  /** The waits of the fleet made short; false: as delivered. */
  readonly quick: boolean
  readonly seconds: number
  readonly perSecond: number
  /** How often the leader is killed. */
  readonly kills: number
}

/** What one line found. */
export interface Finding {
  readonly figures: Readonly<Record<string, number | string>>
  /** One sentence for each thing that should not be; empty: the claim holds. */
  readonly faults: readonly string[]
}

/** One claim about several replicas, how it is looked at, and the same look at a product that was deliberately broken. */
export interface Line {
  readonly id: string
  readonly claim: string
  /** What is taken out, or put in, so that the look must fail. */
  readonly without: string
  readonly look: (effort: Effort) => Promise<Finding>
  readonly lookBroken: (effort: Effort) => Promise<Finding>
}
