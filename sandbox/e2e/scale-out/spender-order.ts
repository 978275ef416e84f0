import { z } from 'zod'

/** What a spending process is told, as its one argument. */
export const spenderOrder = z.object({
  databaseUrl: z.string(),
  index: z.number(),
  attempts: z.number(),
  fence: z.number(),
  capMicroUsd: z.number(),
  eachMicroUsd: z.number(),
  jobsPerDay: z.number(),
})
export type SpenderOrder = z.infer<typeof spenderOrder>
