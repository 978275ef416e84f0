import type { BootFault } from './faults.ts'
import type { Meter } from './meter.ts'
import type { CreatePodBody } from './request-bodies.ts'
import type { Container } from './pod-runtime.ts'

export type PodStatus = 'PROVISIONING' | 'STARTING' | 'RUNNING' | 'EXITED' | 'ERROR' | 'TERMINATED'

export interface LogLine {
  readonly ts: string
  readonly source: 'container' | 'system'
  readonly line: string
}

/** One rented pod, from its create to its proven end. */
export interface EmulatedPod {
  readonly id: string
  name: string
  readonly body: CreatePodBody
  image: string
  env: Readonly<Record<string, string>>
  status: PodStatus
  gpuCount: number
  readonly cloud: 'SECURE' | 'COMMUNITY'
  dataCenterId: string | null
  readonly microUsdPerHour: number
  readonly meter: Meter
  readonly scopedKey: string
  readonly createdAt: number
  startedAt: number | null
  endedAt: number | null
  locked: boolean
  readonly bootFault: BootFault | undefined
  container: Container | undefined
  /** Calls off what waits for this pod: its next step, a restart. */
  cancelNext: () => void
  restarts: number
  readonly logs: LogLine[]
}

const actions: Readonly<Record<PodStatus, readonly string[]>> = {
  PROVISIONING: ['stop', 'terminate'],
  STARTING: ['stop', 'terminate'],
  RUNNING: ['stop', 'restart', 'terminate'],
  EXITED: ['start', 'terminate'],
  ERROR: ['start', 'terminate'],
  TERMINATED: [],
}

export function allowedActions(pod: EmulatedPod): readonly string[] {
  return actions[pod.status].filter((action) => !(pod.locked && action === 'stop'))
}

/** The pod as the API shows it, `env` in clear text included. */
export function renderPod(pod: EmulatedPod, now: number): Readonly<Record<string, unknown>> {
  const { body } = pod
  const isRunning = pod.status === 'RUNNING'
  return {
    id: pod.id,
    name: pod.name,
    status: pod.status,
    actions: allowedActions(pod),
    image: pod.image,
    args: body.args ?? '',
    disk: body.disk ?? 20,
    ports: body.ports ?? [],
    env: pod.env,
    registry: body.registry ?? null,
    mounts: body.mounts ?? {},
    ...(body.gpu === undefined ? { cpu: body.cpu } : { gpu: { id: body.gpu.id, count: pod.gpuCount } }),
    cloud: pod.cloud,
    dataCenterId: pod.status === 'PROVISIONING' ? null : pod.dataCenterId,
    cudaVersion: isRunning ? '12.8' : null,
    cost: pod.status === 'EXITED' || pod.status === 'TERMINATED' ? 0 : pod.microUsdPerHour / 1e6,
    locked: pod.locked,
    template: body.templateId ?? null,
    ssh: { proxy: null, direct: null },
    globalNetworking: { enabled: false },
    runtime: isRunning ? renderRuntime(pod, now) : null,
    createdAt: new Date(pod.createdAt).toISOString(),
    startedAt: pod.startedAt === null ? null : new Date(pod.startedAt).toISOString(),
  }
}

function renderRuntime(pod: EmulatedPod, now: number) {
  return {
    uptime: Math.floor((now - (pod.startedAt ?? now)) / 1_000),
    gpus: Array.from({ length: pod.gpuCount }, () => ({ util: 0, memoryUtil: 0 })),
    cpu: { util: 3 },
    memory: { util: 11 },
    ports: (pod.body.ports ?? []).map((port) => {
      const [number, type] = port.split('/')
      return { private: Number(number), public: null, type: type ?? 'http', ip: '100.64.0.1' }
    }),
  }
}
