/** How often the fake provider misbehaves, each from 0 to 1, and how far its lists lag. */
export interface VirtualFaults {
  readonly noCapacity: number
  readonly createdButFailed: number
  readonly createdButDropped: number
  readonly listFails: number
  readonly listLagMs: number
  readonly deleteFails: number
  readonly deletedButFailed: number
  /** A young pod is unknown to DELETE for so long. */
  readonly youngMs: number
  readonly stuckProvisioning: number
  readonly zeroGpu: number
  readonly modelFails: number
  /** Chance per minute that a running pod ends by itself. */
  readonly diesPerMinute: number
  readonly slowCreate: number
  /** How far bills are behind. */
  readonly billLagMs: number
}

export const NO_FAULTS: VirtualFaults = {
  noCapacity: 0,
  createdButFailed: 0,
  createdButDropped: 0,
  listFails: 0,
  listLagMs: 0,
  deleteFails: 0,
  deletedButFailed: 0,
  youngMs: 0,
  stuckProvisioning: 0,
  zeroGpu: 0,
  modelFails: 0,
  diesPerMinute: 0,
  slowCreate: 0,
  billLagMs: 0,
}

/** The rates of the measured run in the life-cycle reference, section 12, and the ways a pod can fail to come up. */
export const CHAOS_FAULTS: VirtualFaults = {
  noCapacity: 0.2,
  createdButFailed: 0.2,
  createdButDropped: 0.1,
  listFails: 0.1,
  listLagMs: 1_500,
  deleteFails: 0.1,
  deletedButFailed: 0.1,
  youngMs: 2_000,
  stuckProvisioning: 0.03,
  zeroGpu: 0.03,
  modelFails: 0.03,
  diesPerMinute: 0.03,
  slowCreate: 0.1,
  billLagMs: 180_000,
}
