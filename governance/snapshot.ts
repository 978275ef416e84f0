import { z } from 'zod'

/**
 * Part of a snapshot that a world may not be able to see. `nature`: this world never sees it (local git knows no reviews), so rules
 * that read it answer `skip`. `failure`: it should have been seen but a call failed or a list was cut, so they answer `unknown`.
 */
export type Part<T> = { readonly seen: T } | { readonly unseen: string; readonly because: 'nature' | 'failure' }

export function seen<T>(value: T): Part<T> {
  return { seen: value }
}

/** `reason` is a sentence a reader understands: "local git knows no reviews". */
export function notVisibleHere<T>(reason: string): Part<T> {
  return { unseen: reason, because: 'nature' }
}

/** `reason` says what failed or where the list was cut: "GitHub lists at most 3,000 files and this change has 4,120". */
export function failedToSee<T>(reason: string): Part<T> {
  return { unseen: reason, because: 'failure' }
}

function part<T extends z.ZodType>(value: T) {
  return z.union([
    z.strictObject({ seen: value }).readonly(),
    z.strictObject({ unseen: z.string().min(1), because: z.enum(['nature', 'failure']) }).readonly(),
  ])
}

function list<T extends z.ZodType>(item: T) {
  return z.array(item).readonly()
}

/** ISO 8601 in UTC, as GitHub writes it. */
const moment = z.iso.datetime({ offset: true })
const accountType = z.enum(['User', 'Bot', 'Organization'])
const permission = z.enum(['admin', 'maintain', 'write', 'triage', 'read', 'none'])

/** Somebody who acted. Without a login (an e-mail that belongs to no account) the e-mail identifies them. */
const principal = z
  .strictObject({
    login: z.string().nullable(),
    type: accountType.nullable(),
    email: z.string().nullable().default(null),
  })
  .readonly()
export type Principal = z.output<typeof principal>

const changedFile = z
  .strictObject({
    path: z.string(),
    status: z.enum(['added', 'removed', 'modified', 'renamed', 'copied', 'changed', 'unchanged']),
    previousPath: z.string().optional(),
  })
  .readonly()
export type ChangedFile = z.output<typeof changedFile>

/** An entry of the planning folder. Modes are git's: 100644, 100755, 120000 (symlink), 160000 (submodule). */
const treeEntry = z.strictObject({ path: z.string(), mode: z.string(), blobSha: z.string() }).readonly()
export type PlanTreeEntry = z.output<typeof treeEntry>

const archivedTask = z
  .strictObject({
    id: z.string().nullable(),
    text: z.string(),
    state: z.enum(['open', 'done', 'deferred']),
    line: z.int(),
  })
  .readonly()

/** What rules need of a finished plan; built by `indexArchivedPlan` and safe to cache by blob SHA for ever. */
const archivedPlan = z
  .strictObject({
    path: z.string(),
    blobSha: z.string(),
    mode: z.string(),
    /** Null when the text was not read; `version` is then unknown too, unless the file name says it. */
    content: z
      .strictObject({ version: z.string().nullable(), hash: z.string(), tasks: list(archivedTask) })
      .readonly()
      .nullable(),
  })
  .readonly()
export type ArchivedPlan = z.output<typeof archivedPlan>

/** The planning folder at one commit. */
const planSide = z
  .strictObject({
    sha: z.string(),
    /** Everything below the planning folder, at any depth; empty when the folder does not exist. */
    tree: list(treeEntry),
    /** Text of each regular Markdown file directly in `active/`, by path. */
    texts: z.record(z.string(), z.string()).readonly(),
    /** One entry per file below `completed/`. */
    archive: list(archivedPlan),
  })
  .readonly()
export type PlanSide = z.output<typeof planSide>

const commit = z
  .strictObject({
    sha: z.string(),
    author: principal,
    committer: principal,
    /** From `Co-authored-by` trailers. */
    coAuthors: list(principal),
  })
  .readonly()
export type SnapshotCommit = z.output<typeof commit>

const review = z
  .strictObject({
    id: z.int(),
    reviewer: principal,
    state: z.enum(['APPROVED', 'CHANGES_REQUESTED', 'COMMENTED', 'DISMISSED', 'PENDING']),
    commitSha: z.string().nullable(),
    submittedAt: moment.nullable(),
    /** The reviewer's collaborator permission; null when nobody asked. */
    permission: permission.nullable().default(null),
  })
  .readonly()
export type SnapshotReview = z.output<typeof review>

/** A review run of a DevLoop; the senior agent's judgement is read from it and never from GitHub's Approve. */
const agentReview = z
  .strictObject({
    login: z.string(),
    headSha: z.string(),
    outcome: z.enum(['posted', 'clean', 'partial', 'failed']),
    coverage: z.enum(['full', 'partial', 'none']),
    /** Open findings of severity high or above. */
    openSevereFindings: z.int().min(0),
    finishedAt: moment,
  })
  .readonly()
export type AgentReview = z.output<typeof agentReview>

const check = z
  .strictObject({
    kind: z.enum(['check-run', 'status']),
    id: z.int(),
    name: z.string(),
    app: z.string().nullable(),
    /** True for DevLoop's own checks, told by the App that wrote them. */
    own: z.boolean(),
    status: z.enum(['queued', 'in_progress', 'completed', 'pending']),
    conclusion: z
      .enum(['success', 'failure', 'neutral', 'cancelled', 'skipped', 'timed_out', 'action_required', 'stale', 'error'])
      .nullable(),
  })
  .readonly()
export type SnapshotCheck = z.output<typeof check>

const mergedPullRequest = z
  .strictObject({
    /** `#12`, or a short commit id where only git is visible. */
    ref: z.string(),
    mergedAt: moment,
    /** Tasks cited by trailer or branch, from `citedTaskIds`. */
    tasks: list(z.string()),
    /** Changed files; null when nobody asked. */
    paths: list(z.string()).nullable(),
    /** The pull request or commit that reverted it, or null. */
    revertedBy: z.strictObject({ ref: z.string(), mergedAt: moment }).readonly().nullable(),
  })
  .readonly()
export type MergedPullRequest = z.output<typeof mergedPullRequest>

const openPullRequest = z
  .strictObject({
    number: z.int(),
    headRef: z.string(),
    baseRef: z.string(),
    draft: z.boolean(),
    tasks: list(z.string()),
    /** Changed files; null when nobody asked: the paths of the cited tasks stand for them. */
    paths: list(z.string()).nullable(),
  })
  .readonly()
export type OpenPullRequest = z.output<typeof openPullRequest>

const directPush = z
  .strictObject({
    sha: z.string(),
    branch: z.string(),
    pushedBy: z.string().nullable(),
    pushedAt: moment,
    /** Tasks cited in the commit message. */
    tasks: list(z.string()),
  })
  .readonly()

const waiver = z
  .strictObject({
    rule: z.string(),
    headSha: z.string(),
    reason: z.string(),
    by: z.string(),
    permission: permission,
    at: moment,
  })
  .readonly()
export type Waiver = z.output<typeof waiver>

const groupMember = z
  .strictObject({
    number: z.int(),
    headSha: z.string(),
    headRef: z.string(),
    tasks: list(z.string()),
    /** The conclusion of `devloop/governance` on the member's own head SHA; null when it has none. */
    conclusion: z.enum(['success', 'failure', 'neutral', 'error']).nullable(),
  })
  .readonly()

/** What is judged: one head on its way to one base. */
const change = z
  .strictObject({
    kind: z.enum(['pull-request', 'merge-group', 'local']),
    /** Null unless `kind` is pull-request. */
    number: z.int().nullable(),
    /** Unseen with a detached head. */
    headRef: part(z.string()),
    baseRef: z.string(),
    /** A commit id; `staged` for the index of a local work tree. */
    headSha: z.string(),
    baseSha: z.string(),
    mergeBaseSha: z.string().nullable(),
    draft: z.boolean(),
    fromFork: z.boolean(),
    title: z.string(),
    /** The pull request's body; locally the messages of its commits. `Plan:` trailers are read from it. */
    body: part(z.string()),
    author: part(principal),
    labels: part(list(z.string())),
    /** Pull requests of a merge group; empty otherwise. */
    members: list(groupMember),
  })
  .readonly()

/**
 * Everything `evaluate` may look at: one change at one head SHA and one moment. Plain JSON, so that it can be stored and evaluated again
 * with the same answer.
 */
export const snapshotSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    world: z.enum(['github', 'action', 'local']),
    repository: z.string(),
    /** The one clock of an evaluation. */
    now: moment,
    /** Login of the DevLoop App that asks, such as `devloop[bot]`; null where there is none. */
    appLogin: z.string().nullable(),
    change,
    files: part(list(changedFile)),
    /** Which branches exist, of those the policy names (main and staging). */
    existingBranches: part(list(z.string())),
    plans: z.strictObject({ base: part(planSide), mergeBase: part(planSide), head: part(planSide) }).readonly(),
    /** When the active plan last changed on the base; null when it never did. */
    planChangedAt: part(moment.nullable()),
    commits: part(list(commit)),
    /** Who pushed the head branch, as the push events said. */
    pushers: part(list(principal)),
    /** Who started or owns the agents that wrote the change. */
    launchers: part(list(z.strictObject({ agent: z.string(), launcher: z.string() }).readonly())),
    reviews: part(list(review)),
    agentReviews: part(list(agentReview)),
    /** Members of the teams that `plan.owners` names, by `@org/team`. */
    teams: part(z.record(z.string(), list(z.string())).readonly()),
    checks: part(list(check)),
    /** Merged since the plan began, or as far back as the world looked. */
    merged: part(list(mergedPullRequest)),
    /** Other open pull requests. */
    open: part(list(openPullRequest)),
    directPushes: part(list(directPush)),
    waivers: part(list(waiver)),
    /** The agents' rule files at head; text null when the file does not exist. */
    agentRules: part(list(z.strictObject({ path: z.string(), text: z.string().nullable() }).readonly())),
    /** devloop.yml at head when this change touches it, else null. It is judged, never obeyed. */
    policyAtHead: part(z.string().nullable()),
  })
  .readonly()

export type Snapshot = z.output<typeof snapshotSchema>
export type DirectPush = z.output<typeof directPush>
export type GroupMember = z.output<typeof groupMember>
