import { z } from 'zod'
import type { GithubClient } from './client.ts'

const attempt = z.object({
  // Octokit reads numbers beyond 2^53 as BigInt.
  id: z.union([z.number(), z.bigint()]),
  guid: z.string(),
  event: z.string(),
  delivered_at: z.string(),
  status_code: z.number(),
})
export type DeliveryAttempt = z.infer<typeof attempt>

const MAX_PAGES = 30

/** Attempts to deliver a webhook since `since`, newest first; GitHub pages them by cursor. */
export async function listDeliveries(app: GithubClient, since: string): Promise<readonly DeliveryAttempt[]> {
  const found: DeliveryAttempt[] = []
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await app.getPage(
      'GET /app/hook/deliveries',
      { per_page: 100, ...(cursor !== undefined && { cursor }) },
      z.array(attempt),
    )
    found.push(...reply.items.filter(({ delivered_at }) => delivered_at >= since))
    if (reply.nextCursor === undefined || reply.items.some(({ delivered_at }) => delivered_at < since)) break
    cursor = reply.nextCursor
  }
  return found
}
