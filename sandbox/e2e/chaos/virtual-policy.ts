import type { FleetPolicy } from '../../../fleet/policy.ts'
import { FLEET_TIMINGS } from '../../../fleet/timings.ts'
import { microUsdFromUsd } from '../../../ports/money.ts'

/** The design's defaults, for one pod of two slots. */
export const VIRTUAL_POLICY: FleetPolicy = {
  installId: 'virtual0',
  gpus: ['NVIDIA GeForce RTX 4090'],
  cloud: ['SECURE', 'COMMUNITY'],
  dataCenterIds: [],
  maxMicroUsdPerHour: microUsdFromUsd(0.8),
  maxPods: 1,
  parallel: 2,
  perRepositoryJobs: 2,
  idle: { kind: 'immediate', maxMs: 600_000, spendTarget: 0.1 },
  perDayMicroUsd: microUsdFromUsd(100),
  perMonthMicroUsd: microUsdFromUsd(1000),
  maxCreatesPerHour: 6,
  maxBoots: 3,
  pod: { image: 'ghcr.io/devloop/pod:1', diskGb: 40, httpPort: 8080, networkVolume: null, minCudaVersion: '12.4' },
  allowUnguarded: false,
  podEnv: {},
  timings: FLEET_TIMINGS,
}
