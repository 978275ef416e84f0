import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { commitSha } from '../ports/ids.ts'
import { workflowError } from './error.ts'

const account = z.object({ login: z.string(), type: z.enum(['User', 'Bot', 'Organization']).catch('User') })
const repository = z.object({ full_name: z.string() })
const side = z.object({ ref: z.string(), sha: commitSha, repo: repository.nullable() })

const pullRequestPayload = z.object({
  pull_request: z.object({
    number: z.number(),
    title: z.string(),
    body: z.string().nullish(),
    draft: z.boolean().catch(false),
    user: account,
    labels: z.array(z.object({ name: z.string() })).catch([]),
    assignees: z.array(z.object({ login: z.string() })).catch([]),
    head: side,
    base: side,
  }),
  sender: z.object({ login: z.string() }).optional(),
})
const commentPayload = z.object({
  action: z.string(),
  issue: z.object({ number: z.number(), pull_request: z.unknown().optional() }),
  comment: z.object({ id: z.number(), body: z.string(), user: account }),
})
const groupPayload = z.object({
  merge_group: z.object({ head_sha: commitSha, head_ref: z.string(), base_sha: commitSha, base_ref: z.string() }),
})

export type PullRequestPayload = z.output<typeof pullRequestPayload>['pull_request']

/** What started the workflow, as far as a command cares. */
export type WorkflowEvent =
  | {
      readonly kind: 'pull-request'
      readonly repository: string
      readonly pullRequest: PullRequestPayload
      /** Who opened, pushed or labelled. */
      readonly sender: string | null
    }
  | {
      readonly kind: 'comment'
      readonly repository: string
      /** Null on an issue that is no pull request. */
      readonly number: number | null
      readonly isNew: boolean
      readonly comment: { readonly id: number; readonly body: string; readonly login: string }
    }
  | {
      readonly kind: 'merge-group'
      readonly repository: string
      readonly headSha: string
      readonly headRef: string
      readonly baseSha: string
      readonly baseRef: string
    }
  | { readonly kind: 'other'; readonly repository: string; readonly name: string }

const NAMED = new Set(['pull_request', 'pull_request_target', 'pull_request_review', 'issue_comment', 'merge_group'])

/** Reads the event file that the runner names. Throws one sentence when it is missing, empty or not what GitHub writes. */
export function readEvent(env: Readonly<Record<string, string | undefined>>): WorkflowEvent {
  const name = env.GITHUB_EVENT_NAME ?? ''
  const repository = repositoryOf(env)
  if (!NAMED.has(name)) return { kind: 'other', repository, name }
  const payload = readPayload(env.GITHUB_EVENT_PATH, name)
  if (name === 'issue_comment') {
    const { action, issue, comment } = parse(commentPayload, payload, name)
    return {
      kind: 'comment',
      repository,
      number: issue.pull_request == null ? null : issue.number,
      isNew: action === 'created',
      comment: { id: comment.id, body: comment.body, login: comment.user.login },
    }
  }
  if (name === 'merge_group') {
    const { merge_group: group } = parse(groupPayload, payload, name)
    const plain = (ref: string) => ref.replace(/^refs\/heads\//, '')
    return {
      kind: 'merge-group',
      repository,
      headSha: group.head_sha,
      headRef: plain(group.head_ref),
      baseSha: group.base_sha,
      baseRef: plain(group.base_ref),
    }
  }
  const { pull_request: pullRequest, sender } = parse(pullRequestPayload, payload, name)
  return { kind: 'pull-request', repository, pullRequest, sender: sender?.login ?? null }
}

/** Whether the head of a pull request lies in another repository. */
export function isForkEvent(event: WorkflowEvent): boolean {
  return event.kind === 'pull-request' && event.pullRequest.head.repo?.full_name !== event.repository
}

/** `owner/name` of the workflow's repository. */
export function repositoryOf(env: Readonly<Record<string, string | undefined>>): string {
  const name = env.GITHUB_REPOSITORY ?? ''
  if (/^[\w.-]+\/[\w.-]+$/.test(name)) return name
  throw workflowError(
    'bad-event',
    `GITHUB_REPOSITORY is ${JSON.stringify(name)}, which names no repository.`,
    'Run this as a step of a GitHub workflow; on a terminal use `devloop`.',
  )
}

function readPayload(path: string | undefined, name: string): unknown {
  let text = ''
  try {
    text = readFileSync(path ?? '', 'utf8')
    return JSON.parse(text)
  } catch (cause) {
    const what = text.trim() === '' ? 'is empty or missing' : 'is no JSON'
    throw workflowError(
      'bad-event',
      `The event file of ${name} (GITHUB_EVENT_PATH) ${what}.`,
      'The runner writes it: leave GITHUB_EVENT_PATH alone, and run the step on the runner itself.',
      cause,
    )
  }
}

function parse<T>(schema: z.ZodType<T>, payload: unknown, name: string): T {
  const parsed = schema.safeParse(payload)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw workflowError(
    'bad-event',
    `The event file is no ${name} event: ${issue?.path.join('.') || 'it'} ${issue?.message ?? ''}.`.replace(
      /\.\.$/,
      '.',
    ),
    'GITHUB_EVENT_NAME and GITHUB_EVENT_PATH must belong together; the runner sets both.',
    parsed.error,
  )
}
