import { z } from 'zod'
import { commitSha, installationId, repositoryName } from '../../ports/ids.ts'

// The fields of webhook payloads that are used, and no others. An absent part means: this event says nothing about it.

const account = z.object({ login: z.string(), type: z.enum(['User', 'Bot', 'Organization']).catch('User') })

const pullRequest = z.object({
  number: z.number(),
  state: z.string().optional().catch(undefined),
  draft: z.boolean().nullish(),
  merged: z.boolean().nullish(),
  merge_commit_sha: z.string().nullish(),
  updated_at: z.string(),
  head: z.object({ sha: commitSha, ref: z.string() }),
  base: z.object({ ref: z.string() }),
})

const comment = z.object({
  id: z.number(),
  user: account.nullish(),
  body: z.string().nullish(),
  created_at: z.string(),
  html_url: z.string(),
  path: z.string().nullish(),
  line: z.number().nullish(),
  diff_hunk: z.string().nullish(),
})

const check = z.object({
  name: z.string().optional(),
  head_sha: commitSha,
  app: z.object({ id: z.number() }).nullish(),
  pull_requests: z.array(z.object({ number: z.number() })).nullish(),
})

export const payloadSchema = z.object({
  action: z.string().optional().catch(undefined),
  repository: z.object({ full_name: repositoryName }).optional().catch(undefined),
  installation: z.object({ id: installationId }).optional().catch(undefined),
  sender: account.optional().catch(undefined),
  pull_request: pullRequest.optional().catch(undefined),
  changes: z.object({ title: z.unknown(), body: z.unknown(), base: z.unknown() }).partial().optional().catch(undefined),
  issue: z
    .object({ number: z.number(), pull_request: z.object({}).nullish() })
    .optional()
    .catch(undefined),
  comment: comment.optional().catch(undefined),
  check_run: check.optional().catch(undefined),
  check_suite: check.optional().catch(undefined),
  requested_action: z.object({ identifier: z.string() }).optional().catch(undefined),
  /** Of a `status` event. */
  sha: commitSha.optional().catch(undefined),
  /** Of `push`, `create` and `delete`; `ref_type` is absent in `push`. */
  ref: z.string().optional().catch(undefined),
  ref_type: z.string().optional().catch(undefined),
  after: commitSha.optional().catch(undefined),
  deleted: z.boolean().optional().catch(undefined),
  pusher: z.object({ name: z.string().nullish() }).optional().catch(undefined),
  head_commit: z.object({ message: z.string(), timestamp: z.string() }).nullish().catch(undefined),
  merge_group: z
    .object({ head_sha: commitSha, head_ref: z.string(), base_sha: commitSha, base_ref: z.string() })
    .optional()
    .catch(undefined),
  repositories_removed: z
    .array(z.object({ full_name: repositoryName }))
    .optional()
    .catch(undefined),
  repositories: z
    .array(z.object({ full_name: repositoryName }))
    .optional()
    .catch(undefined),
})

export type Payload = z.output<typeof payloadSchema>
