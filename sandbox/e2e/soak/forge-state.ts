/** GitHub as far as a week of pull requests needs it: plain values in memory. Knows nothing of the product. */
export interface ForgeComment {
  readonly id: number
  readonly author: string
  body: string
  readonly createdAt: string
  updatedAt: string
}

export interface ForgeRun {
  readonly id: number
  readonly name: string
  readonly headSha: string
  status: string
  conclusion: string | null
  title: string
  summary: string
  annotations: number
}

export interface ForgeReview {
  readonly id: number
  readonly commitSha: string
  readonly body: string
  readonly at: string
}

export interface ForgeThread {
  readonly id: string
  readonly commentId: number
  readonly path: string
  readonly body: string
  isResolved: boolean
}

export interface ForgePull {
  readonly number: number
  readonly title: string
  readonly body: string
  readonly author: string
  readonly headRef: string
  readonly path: string
  /** The whole text of the one file that this change adds. */
  code: string
  headSha: string
  readonly baseSha: string
  state: 'open' | 'closed'
  mergedAt: string | null
  mergeSha: string | null
  readonly createdAt: string
  updatedAt: string
  readonly comments: ForgeComment[]
  readonly reviews: ForgeReview[]
  readonly threads: ForgeThread[]
  /** What stands at each comment of a person, by the bot. */
  readonly reactions: Map<number, Map<string, number>>
  readonly runs: Map<string, ForgeRun[]>
}

export interface ForgeRepository {
  /** `owner/name`. */
  readonly name: string
  readonly policy: string | null
  baseSha: string
  readonly pulls: Map<number, ForgePull>
  lastNumber: number
}

export interface ForgeDelivery {
  readonly id: number
  readonly guid: string
  readonly event: string
  /** Dropped once it has arrived. */
  body: string
  readonly deliveredAt: string
  statusCode: number
}

export const INSTALLATION_ID = 7
export const APP_ID = 1
export const BOT = 'devloop[bot]'

export function accountOf(login: string) {
  return { login, id: 1, type: login.endsWith('[bot]') ? 'Bot' : 'User' }
}

export function pullOf(repository: ForgeRepository, pull: ForgePull) {
  const { number, title, body, state, mergedAt, headSha, headRef, baseSha, createdAt, updatedAt } = pull
  return {
    number,
    title,
    body,
    state,
    draft: false,
    merged: mergedAt !== null,
    merged_at: mergedAt,
    merge_commit_sha: pull.mergeSha,
    user: accountOf(pull.author),
    assignees: [],
    labels: [],
    head: { sha: headSha, ref: headRef, repo: { full_name: repository.name } },
    base: { sha: state === 'open' ? repository.baseSha : baseSha, ref: 'main' },
    html_url: `https://forge.test/${repository.name}/pull/${number}`,
    created_at: createdAt,
    updated_at: updatedAt,
    changed_files: 1,
  }
}

export function commentOf(comment: ForgeComment) {
  return {
    id: comment.id,
    user: accountOf(comment.author),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    html_url: `https://forge.test/comment/${comment.id}`,
  }
}

export function runOf(run: ForgeRun) {
  return {
    id: run.id,
    name: run.name,
    app: { slug: 'devloop', id: APP_ID },
    status: run.status,
    conclusion: run.conclusion,
    external_id: '',
    details_url: null,
    output: { title: run.title, summary: run.summary, annotations_count: run.annotations },
  }
}

export function fileOf(pull: ForgePull) {
  const lines = pull.code.trimEnd().split('\n')
  const patch = [`@@ -0,0 +1,${lines.length} @@`, ...lines.map((line) => `+${line}`)].join('\n')
  return { filename: pull.path, status: 'added', additions: lines.length, deletions: 0, patch }
}
