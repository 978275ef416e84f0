import { z } from 'zod'
import { podId } from '../../ports/ids.ts'

const POD_STATUSES = ['PROVISIONING', 'STARTING', 'RUNNING', 'EXITED', 'ERROR', 'TERMINATED'] as const

/**
 * One pod, only the fields in use. Lenient: `gpu.count` may be 0, a new status or cloud reads as unknown, and `env` is not named, so it
 * is dropped here and can reach no log, error or row (it comes back in clear text).
 */
export const podReply = z.object({
  id: podId,
  name: z.string().catch(''),
  status: z.enum(POD_STATUSES).or(z.literal('UNKNOWN')).catch('UNKNOWN'),
  gpu: z.object({ id: z.string().nullish(), count: z.number().nullish() }).nullish().catch(null),
  cloud: z.enum(['SECURE', 'COMMUNITY']).nullish().catch(null),
  cost: z.number().nonnegative().nullish().catch(null),
  createdAt: z.string().nullish().catch(null),
})
export type PodReply = z.infer<typeof podReply>

/** `pagination` is younger than the stored document: both forms are read. */
export const podListReply = z.object({
  pods: z.array(podReply),
  pagination: z.object({ nextCursor: z.string().nullish(), hasNextPage: z.boolean().nullish() }).nullish(),
})

const availability = z.enum(['NONE', 'LOW', 'MEDIUM', 'HIGH']).nullish().catch(null)
const price = z.number().nonnegative().nullish().catch(null)

export const gpuListReply = z.object({
  gpus: z.array(
    z.object({
      id: z.string().min(1),
      memory: z.number().catch(0),
      secure: z.boolean().catch(false),
      community: z.boolean().catch(false),
      price: z.object({ secure: price, community: price }).nullish().catch(null),
      availability,
    }),
  ),
})

export const billingReply = z.object({
  records: z.array(
    z.object({
      podId: z.string().min(1),
      startTime: z.string(),
      endTime: z.string(),
      totalAmount: z.number(),
    }),
  ),
})

/** GraphQL failures mostly come as 200 with `errors`. */
export const balanceReply = z.object({
  data: z.object({ myself: z.object({ clientBalance: z.number() }).nullable() }).nullish(),
})
