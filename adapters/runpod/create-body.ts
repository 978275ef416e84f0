import type { PodSpec } from '../../ports/pods.ts'

/** The body of `POST /v2/pods`. */
export interface CreatePodBody {
  readonly name: string
  readonly image: string
  readonly gpu: { readonly id: string; readonly count: number; readonly minCudaVersion: string }
  readonly cloud: 'SECURE' | 'COMMUNITY'
  readonly disk: number
  readonly ports: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly dataCenterIds?: readonly string[]
  readonly mounts?: { readonly network: readonly { readonly volumeId: string; readonly path: string }[] }
}

/**
 * `gpu.count`, `disk` and `ports` always stand in it: left out, the scheduler has matched no machine, and there is no default port.
 * Data-centre ids go with SECURE only (on COMMUNITY they prevent placement that works without them, runpodctl#326); so do volumes.
 */
export function createPodBody(spec: PodSpec): CreatePodBody {
  const { candidate, networkVolume } = spec
  const secure = candidate.cloud === 'SECURE'
  return {
    name: spec.name,
    image: spec.image,
    gpu: { id: candidate.gpu, count: 1, minCudaVersion: spec.minCudaVersion },
    cloud: candidate.cloud,
    disk: spec.diskGb,
    ports: [`${spec.httpPort}/http`],
    env: spec.env,
    ...(secure && candidate.dataCenterIds.length > 0 ? { dataCenterIds: candidate.dataCenterIds } : {}),
    ...(secure && networkVolume !== null ? { mounts: { network: [networkVolume] } } : {}),
  }
}
