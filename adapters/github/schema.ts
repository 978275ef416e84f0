import { z } from 'zod'
import { commitSha } from '../../ports/ids.ts'

// What GitHub answers, reduced to the fields we use; everything else is dropped unread.

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')
const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)

export const accountReply = z.object({
  login: z.string(),
  type: z.enum(['User', 'Bot', 'Organization']).catch('User'),
})
const maybeAccount = maybe(accountReply)

/** The account of somebody who deleted theirs. */
const ghost = { login: 'ghost', type: 'User' } as const

export const pullRequestReply = z
  .object({
    number: z.number(),
    title: text,
    body: text,
    state: z.enum(['open', 'closed']),
    draft: z.boolean().nullish(),
    merged: z.boolean().nullish(),
    merged_at: maybe(z.string()),
    user: maybeAccount,
    assignees: z.array(accountReply).nullish(),
    labels: z.array(z.object({ name: text })).nullish(),
    head: z.object({ sha: commitSha, ref: z.string(), repo: maybe(z.object({ full_name: z.string() })) }),
    base: z.object({ sha: commitSha, ref: z.string() }),
    html_url: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
    changed_files: z.number().nullish(),
  })
  .transform((reply) => ({
    number: reply.number,
    title: reply.title,
    body: reply.body,
    state: reply.state,
    draft: reply.draft ?? false,
    // A list does not say `merged`, but when.
    merged: reply.merged ?? reply.merged_at !== null,
    mergedAt: reply.merged_at,
    author: reply.user ?? ghost,
    assignees: (reply.assignees ?? []).map(({ login }) => login),
    labels: (reply.labels ?? []).map(({ name }) => name),
    headSha: reply.head.sha,
    headRef: reply.head.ref,
    headRepository: reply.head.repo?.full_name ?? null,
    baseSha: reply.base.sha,
    baseRef: reply.base.ref,
    htmlUrl: reply.html_url,
    createdAt: reply.created_at,
    updatedAt: reply.updated_at,
    changedFiles: reply.changed_files ?? 0,
  }))

export const fileReply = z
  .object({
    filename: z.string(),
    previous_filename: z.string().nullish(),
    status: z.enum(['added', 'removed', 'modified', 'renamed', 'copied', 'changed', 'unchanged']),
    additions: z.number(),
    deletions: z.number(),
    patch: z.string().nullish(),
  })
  .transform((reply) => ({
    path: reply.filename,
    ...(reply.previous_filename != null && { previousPath: reply.previous_filename }),
    status: reply.status,
    additions: reply.additions,
    deletions: reply.deletions,
    ...(reply.patch != null && { patch: reply.patch }),
  }))

const gitPerson = maybe(z.object({ email: maybe(z.string()), date: maybe(z.string()) }))
/** GitHub sends `{}` for an e-mail address without an account. */
const maybeCommitAccount = z.union([accountReply, z.unknown().transform(() => null)])

export const commitReply = z
  .object({
    sha: commitSha,
    commit: z.object({ message: text, author: gitPerson, committer: gitPerson }),
    author: maybeCommitAccount.optional(),
    committer: maybeCommitAccount.optional(),
    parents: z.array(z.object({ sha: z.string() })).nullish(),
  })
  .transform((reply) => ({
    sha: reply.sha,
    message: reply.commit.message,
    authorLogin: reply.author?.login ?? null,
    authorType: reply.author?.type ?? null,
    authorEmail: reply.commit.author?.email ?? null,
    committerLogin: reply.committer?.login ?? null,
    committerEmail: reply.commit.committer?.email ?? null,
    parents: (reply.parents ?? []).map(({ sha }) => sha),
    committedAt: reply.commit.committer?.date ?? null,
  }))

export const compareReply = z.object({
  base_commit: z.object({ sha: commitSha }),
  merge_base_commit: z.object({ sha: commitSha }),
  total_commits: z.number(),
  files: z.array(fileReply).nullish(),
  commits: z.array(commitReply),
})

export const reviewReply = z
  .object({
    id: z.number(),
    user: maybeAccount,
    state: z
      .string()
      .transform((state) => state.toUpperCase())
      .pipe(z.enum(['APPROVED', 'CHANGES_REQUESTED', 'COMMENTED', 'DISMISSED', 'PENDING'])),
    commit_id: maybe(z.string()),
    body: text,
    submitted_at: maybe(z.string()),
  })
  .transform((reply) => ({
    id: reply.id,
    author: reply.user,
    state: reply.state,
    commitSha: reply.commit_id,
    body: reply.body,
    submittedAt: reply.submitted_at,
  }))

export const commentReply = z
  .object({
    id: z.number(),
    user: maybeAccount,
    body: text,
    created_at: z.string(),
    updated_at: z.string(),
    html_url: z.string(),
  })
  .transform((reply) => ({
    id: reply.id,
    author: reply.user,
    body: reply.body,
    createdAt: reply.created_at,
    updatedAt: reply.updated_at,
    htmlUrl: reply.html_url,
  }))

export const reactionReply = z.object({ id: z.number(), content: z.string(), user: maybeAccount })

const conclusion = z.enum([
  'success',
  'failure',
  'neutral',
  'cancelled',
  'skipped',
  'timed_out',
  'action_required',
  'stale',
])

export const checkRunReply = z.object({
  id: z.number(),
  name: z.string(),
  app: maybe(z.object({ slug: maybe(z.string()) })),
  // `waiting`, `requested` and `pending` are not ended either.
  status: z.enum(['queued', 'in_progress', 'completed']).catch('queued'),
  conclusion: maybe(conclusion).catch(null),
  external_id: maybe(z.string()),
  details_url: maybe(z.string()),
  output: z
    .object({ title: maybe(z.string()), summary: maybe(z.string()), annotations_count: z.number().nullish() })
    .nullish(),
})

export const statusReply = z.object({
  id: z.number(),
  context: z.string(),
  state: z.enum(['error', 'failure', 'pending', 'success']),
  description: maybe(z.string()),
  target_url: maybe(z.string()),
})

export const treeReply = z.object({
  truncated: z.boolean().nullish(),
  tree: z.array(
    z.object({ path: z.string(), mode: z.string(), type: z.enum(['blob', 'tree', 'commit']), sha: z.string() }),
  ),
})

export const contentReply = z.union([
  z.object({
    type: z.literal('file'),
    sha: z.string(),
    encoding: z.string().nullish(),
    content: z.string().nullish(),
    size: z.number(),
  }),
  z.object({ type: z.string(), sha: z.string() }),
  z.array(z.object({ name: z.string(), type: z.string(), sha: z.string() })),
])

export const issueReply = z
  .object({ number: z.number(), title: text, body: text, state: z.string() })
  .transform((reply) => ({
    number: reply.number,
    title: reply.title,
    body: reply.body,
    // GraphQL writes it in capitals.
    state: reply.state.toLowerCase() === 'open' ? ('open' as const) : ('closed' as const),
  }))
