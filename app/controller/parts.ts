import type { Clock, Random } from '../../ports/clock.ts'
import type { JobId } from '../../ports/ids.ts'
import type { Log } from '../../ports/log.ts'
import type { MicroUsd } from '../../ports/money.ts'
import type { ApiKeyRow, Store } from '../../ports/store.ts'
import type { GatewayParts } from './gateway/call.ts'
import type { InferRequest, StatusAnswer } from './schemas.ts'

/** Starts, drains and ends pods on request of a person. */
export interface FleetControl {
  /** Wants a warm pod with this model; returns at once. */
  start(model: string): Promise<void>
  /** No new work; pods end when their calls have. */
  stop(): Promise<void>
  /** Ends every pod now and waits, bounded, for the proof; answers how many are still not proven gone. */
  shutdown(signal: AbortSignal): Promise<{ readonly left: number }>
}

export interface InferJobRequest extends InferRequest {
  readonly model: string
  readonly requestedBy: string
  readonly maxCostMicroUsd: MicroUsd
}

/** What the controller is put together from. */
export interface ControllerParts {
  readonly store: Store
  readonly gateway: GatewayParts
  readonly fleet: FleetControl
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly version: string
  /** Puts an infer job into the queue for `Prefer: respond-async`. */
  readonly createInferJob: (request: InferJobRequest) => Promise<JobId>
  /** Jobs and calls that use an engine right now. */
  readonly countRunning: () => Promise<number>
  readonly readStatus: () => Promise<StatusAnswer>
  /** Throws a sentence when the server cannot do its work now (draining, store gone). */
  readonly assertReady: () => Promise<void>
  readonly findKey: (key: string) => Promise<ApiKeyRow | undefined>
}
