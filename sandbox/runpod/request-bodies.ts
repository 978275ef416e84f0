import { z } from 'zod'

const mounts = z.strictObject({
  persistent: z.strictObject({ size: z.int().min(10), path: z.string() }).optional(),
  network: z
    .array(z.strictObject({ volumeId: z.string(), path: z.string() }))
    .max(1)
    .optional(),
})

const container = {
  image: z.string().optional(),
  args: z.string().optional(),
  disk: z.int().min(1).optional(),
  env: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string()).optional(),
  registry: z.string().nullable().optional(),
  entrypoint: z.array(z.string()).optional(),
  cmd: z.array(z.string()).optional(),
}

const cudaVersion = z.string().regex(/^\d+\.\d+$/)

/** POST /v2/pods. Unknown fields are refused, as the live API does. */
export const createPodBody = z.strictObject({
  ...container,
  name: z.string().min(1),
  cloud: z.enum(['SECURE', 'COMMUNITY']).optional(),
  gpu: z
    .strictObject({
      id: z.string(),
      count: z.int().min(1).optional(),
      allowedCudaVersions: z.array(cudaVersion).optional(),
      minCudaVersion: cudaVersion.optional(),
      minRamPerGpu: z.int().optional(),
      minVcpuCountPerGpu: z.int().optional(),
    })
    .optional(),
  cpu: z.strictObject({ id: z.string(), vcpuCount: z.int() }).optional(),
  dataCenterIds: z.array(z.string()).optional(),
  globalNetworking: z.boolean().optional(),
  mounts: mounts.optional(),
  startJupyter: z.boolean().optional(),
  startSsh: z.boolean().optional(),
  templateId: z.string().min(1).optional(),
})

export type CreatePodBody = z.infer<typeof createPodBody>

/** PATCH /v2/pods/{id} */
export const updatePodBody = z.strictObject({
  ...container,
  name: z.string().min(1).optional(),
  globalNetworking: z.boolean().optional(),
  locked: z.boolean().optional(),
  mounts: mounts.optional(),
  templateId: z.string().optional(),
})

/** POST /v2/pods/{id}/action */
export const podActionBody = z.strictObject({ action: z.enum(['start', 'stop', 'restart', 'terminate']) })

/** POST /v2/network-volumes */
export const createVolumeBody = z.strictObject({
  name: z.string().min(1),
  size: z.int().min(10).max(4_096),
  dataCenter: z.string().min(1),
  type: z.enum(['STANDARD', 'HIGH_PERFORMANCE']).optional(),
})

/** PATCH /v2/network-volumes/{id} */
export const updateVolumeBody = z
  .strictObject({ name: z.string().min(1).optional(), size: z.int().min(10).max(4_096).optional() })
  .refine((body) => Object.keys(body).length > 0, 'at least one field')
