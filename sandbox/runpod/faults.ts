import type { ScriptedFault } from '../ollama/fault-script.ts'

/** What a fault can follow. */
export type Operation =
  | 'create'
  | 'list'
  | 'get'
  | 'update'
  | 'delete'
  | 'action'
  | 'logs'
  | 'catalog'
  | 'billing'
  | 'volumes'
  | 'graphql'
  | 'proxy'
  | 'boot'

/** Faults of a call. Those with `-but-` do the work and then hide it. */
export type CallFault =
  | 'rate-limit'
  | 'unauthorized'
  | 'forbidden'
  | 'no-balance'
  | 'no-capacity'
  | 'no-disk'
  | 'no-host-gpu'
  | 'not-found'
  | 'conflict'
  | 'html-502'
  | 'html-520'
  | 'html-524'
  | 'empty-500'
  | 'v1-error'
  | 'server-error'
  | 'bad-json'
  | 'timeout'
  | 'drop'
  | 'slow'
  | 'error-but-created'
  | 'timeout-but-created'
  | 'drop-but-created'
  | 'html-but-created'
  | 'error-but-deleted'
  | 'timeout-but-deleted'
  | 'drop-but-deleted'
  | 'cut-stream'

/** Faults of the next pod's life; scripted with `after: 'boot'`. */
export type BootFault =
  | 'stuck-provisioning'
  | 'stuck-starting'
  | 'error'
  | 'exits'
  | 'zero-gpu'
  | 'slow-boot'
  | 'no-service'
  | 'wrong-service'
  | 'crash-loop'
  | 'dies-mid-stream'

export interface RunpodFault extends ScriptedFault {
  readonly after: Operation | '*'
  readonly fault: CallFault | BootFault
}

const bootFaults: readonly string[] = [
  'stuck-provisioning',
  'stuck-starting',
  'error',
  'exits',
  'zero-gpu',
  'slow-boot',
  'no-service',
  'wrong-service',
  'crash-loop',
  'dies-mid-stream',
] satisfies readonly BootFault[]

export function isBootFault(name: CallFault | BootFault): name is BootFault {
  return bootFaults.includes(name)
}

/** Faults at random: probabilities from 0 to 1, and delays in milliseconds. All default to 0. */
export interface Chaos {
  readonly noCapacity: number
  readonly noAccess: number
  readonly createErrorBefore: number
  readonly createErrorAfter: number
  readonly createDropAfter: number
  readonly createTimeoutAfter: number
  readonly listError: number
  readonly getError: number
  readonly deleteErrorBefore: number
  readonly deleteErrorAfter: number
  /** DELETE of a pod younger than `youngMs` answers 404 and does nothing. */
  readonly deleteMissesYoung: number
  readonly youngMs: number
  readonly rateLimit: number
  readonly html: number
  /** A new pod is missing from lists for this long. */
  readonly listLagMs: number
  /** A removed pod stays in lists for this long. */
  readonly listGhostMs: number
  /** A new pod answers 404 to GET for this long. */
  readonly getLagMs: number
  readonly stuckProvisioning: number
  readonly bootError: number
  readonly exits: number
  readonly zeroGpu: number
  readonly slowBoot: number
  readonly diesMidStream: number
}

export const calm: Chaos = {
  noCapacity: 0,
  noAccess: 0,
  createErrorBefore: 0,
  createErrorAfter: 0,
  createDropAfter: 0,
  createTimeoutAfter: 0,
  listError: 0,
  getError: 0,
  deleteErrorBefore: 0,
  deleteErrorAfter: 0,
  deleteMissesYoung: 0,
  youngMs: 0,
  rateLimit: 0,
  html: 0,
  listLagMs: 0,
  listGhostMs: 0,
  getLagMs: 0,
  stuckProvisioning: 0,
  bootError: 0,
  exits: 0,
  zeroGpu: 0,
  slowBoot: 0,
  diesMidStream: 0,
}

/** The rates of the fake in lifecycle.md section 12. */
export const evidenceRun: Chaos = {
  ...calm,
  noCapacity: 0.2,
  createErrorAfter: 0.2,
  createDropAfter: 0.1,
  listError: 0.1,
  deleteErrorBefore: 0.1,
  deleteErrorAfter: 0.1,
  deleteMissesYoung: 1,
  youngMs: 1_500,
  listLagMs: 1_500,
}

/** One throw of the dice for one call. */
export function rollCall(operation: Operation, chaos: Chaos, random: () => number): CallFault | undefined {
  const table: readonly (readonly [CallFault, number])[] = [
    ['rate-limit', operation === 'proxy' ? 0 : chaos.rateLimit],
    ['html-502', operation === 'proxy' ? 0 : chaos.html],
    ...callTable(operation, chaos),
  ]
  return pick(table, random)
}

function callTable(operation: Operation, chaos: Chaos): readonly (readonly [CallFault, number])[] {
  switch (operation) {
    case 'create':
      return [
        ['no-capacity', chaos.noCapacity],
        ['forbidden', chaos.noAccess],
        ['server-error', chaos.createErrorBefore],
        ['error-but-created', chaos.createErrorAfter],
        ['drop-but-created', chaos.createDropAfter],
        ['timeout-but-created', chaos.createTimeoutAfter],
      ]
    case 'list':
      return [['server-error', chaos.listError]]
    case 'get':
      return [['server-error', chaos.getError]]
    case 'delete':
      return [
        ['server-error', chaos.deleteErrorBefore],
        ['error-but-deleted', chaos.deleteErrorAfter],
      ]
    default:
      return []
  }
}

/** One throw of the dice for one pod's life. */
export function rollBoot(chaos: Chaos, random: () => number): BootFault | undefined {
  return pick(
    [
      ['stuck-provisioning', chaos.stuckProvisioning],
      ['error', chaos.bootError],
      ['exits', chaos.exits],
      ['zero-gpu', chaos.zeroGpu],
      ['slow-boot', chaos.slowBoot],
      ['dies-mid-stream', chaos.diesMidStream],
    ],
    random,
  )
}

function pick<F>(table: readonly (readonly [F, number])[], random: () => number): F | undefined {
  let left = random()
  for (const [fault, rate] of table) {
    left -= rate
    if (left < 0) return fault
  }
  return undefined
}
