import { z } from 'zod'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { citedTaskIds, closedIssues, tasksOfIssues } from '../governance/citations.ts'
import { parsePlan } from '../governance/plan/parse.ts'
import { isCodedError } from '../ports/errors.ts'
import type { GithubRepository, PullRequestFile, PullRequestView } from '../ports/github.ts'
import { commitSha } from '../ports/ids.ts'
import type { Json } from '../ports/store.ts'
import type { ParsedDiff } from '../review/diff/model.ts'
import { parseDiff } from '../review/diff/parse.ts'
import { parsePatches } from '../review/diff/patch.ts'
import { failingChecksOf } from '../review/gather/failing-checks.ts'
import { cutGuidelines } from '../review/gather/guidelines.ts'
import type { ReviewInputs } from '../review/gather/inputs.ts'
import { requirementsOf } from '../review/gather/requirements.ts'
import type { Memory } from '../review/rank/memory.ts'
import { findSecrets } from '../review/secrets/find-secrets.ts'
import { maskPatch } from '../review/secrets/mask-patch.ts'
import { secretlintScanner } from '../review/secrets/secretlint.ts'

/** A change as it was read, plain JSON: recorded, so that every attempt of a job reviews the same commit. */
export const gatheredChange = z.object({
  headSha: commitSha,
  baseSha: commitSha,
  title: z.string(),
  description: z.string(),
  /** The whole diff where the list of files withholds patches; else null. */
  diffText: z.string().nullable(),
  files: z.array(
    z.object({
      path: z.string(),
      previousPath: z.string().optional(),
      status: z.enum(['added', 'removed', 'modified', 'renamed', 'copied', 'changed', 'unchanged']),
      additions: z.number(),
      deletions: z.number(),
      patch: z.string().optional(),
    }),
  ),
  unlistedFiles: z.number(),
  attributes: z.array(z.object({ folder: z.string(), text: z.string() })),
  guidelines: z.array(z.object({ source: z.string(), text: z.string() })),
  architecture: z.object({ path: z.string(), isFound: z.boolean() }).nullable(),
  tasks: z.array(z.object({ id: z.string(), text: z.string() })),
  requirements: z.array(z.object({ id: z.string(), issue: z.string(), text: z.string() })),
  failingChecks: z.array(z.object({ name: z.string(), summary: z.string() })),
  /** Secrets on added lines, without their values: every text of this record is masked. */
  secrets: z
    .array(z.object({ path: z.string(), line: z.number(), kind: z.string(), isCertain: z.boolean() }))
    .default([]),
})
export type GatheredChange = z.infer<typeof gatheredChange>

/** Heads that may move while their files are listed before we take what we have. */
const listings = 3

/** Reads a pull request at one head. Throws `GithubError` only for the change itself: what merely helps may be missing. */
export async function gatherChange(
  repository: GithubRepository,
  seen: PullRequestView,
  config: ResolvedConfig,
): Promise<GatheredChange> {
  const { view, files } = await listAtOneHead(repository, seen)
  const { number, baseSha, headSha } = view
  const isWithheld = files.items.some((file) => file.patch === undefined && file.additions + file.deletions > 0)
  const { architecture } = config.review
  const [diffText, agents, attributes, design, issues, checks] = await Promise.all([
    isWithheld && files.complete ? repository.contents.diff(number) : null,
    helpful(null, () => repository.contents.readFile('AGENTS.md', baseSha)),
    helpful(null, () => repository.contents.readFile('.gitattributes', baseSha)),
    architecture === null ? null : helpful(null, () => repository.contents.readFile(architecture, baseSha)),
    helpful([], () => repository.issues.listClosing(number)),
    helpful([], async () => (await repository.checks.list(headSha)).items),
  ])
  const documents = [
    ...(architecture === null ? [] : [{ path: architecture, text: design }]),
    { path: 'AGENTS.md', text: agents },
  ]
  return maskChange({
    headSha,
    baseSha,
    title: view.title,
    description: view.body,
    diffText,
    files: files.items.map((file) => ({ ...file })),
    unlistedFiles: Math.max(0, view.changedFiles - files.items.length),
    attributes: attributes === null ? [] : [{ folder: '', text: attributes }],
    guidelines: cutGuidelines(documents),
    architecture: architecture === null ? null : { path: architecture, isFound: design !== null },
    tasks: await helpful([], () => citedTasks(repository, view, config)),
    requirements: requirementsOf(issues),
    failingChecks: failingChecksOf(checks),
  })
}

/** What is recorded lies in the store for weeks: it keeps where the secrets of a change stand, and not what they are. */
async function maskChange(change: Omit<GatheredChange, 'secrets'>): Promise<GatheredChange> {
  const { secrets, mask } = await findSecrets(diffOf(change).files, secretlintScanner)
  const patch = (text: string) => maskPatch(text, mask)
  return {
    ...change,
    secrets: [...secrets],
    title: mask(change.title),
    description: mask(change.description),
    diffText: change.diffText === null ? null : patch(change.diffText),
    files: change.files.map((file) => (file.patch === undefined ? file : { ...file, patch: patch(file.patch) })),
    guidelines: change.guidelines.map(({ source, text }) => ({ source, text: mask(text) })),
    tasks: change.tasks.map(({ id, text }) => ({ id, text: mask(text) })),
    requirements: change.requirements.map((each) => ({ ...each, text: mask(each.text) })),
    failingChecks: change.failingChecks.map(({ name, summary }) => ({ name, summary: mask(summary) })),
  }
}

/** Files are listed for whatever is the head at that moment: the list counts when the head did not move meanwhile. */
async function listAtOneHead(repository: GithubRepository, seen: PullRequestView) {
  let view = seen
  for (let attempt = 1; ; attempt++) {
    const files = await repository.pullRequests.listFiles(view.number)
    const now = await repository.pullRequests.get(view.number)
    if (now.headSha === view.headSha || attempt === listings) return { view: now, files }
    view = now
  }
}

async function citedTasks(repository: GithubRepository, view: PullRequestView, config: ResolvedConfig) {
  const { dir } = config.governance.plan
  if (dir === null) return []
  const tree = await repository.contents.listTree(view.baseSha, `${dir}/active`)
  const plan = tree.items.find(({ type, path }) => type === 'blob' && path.endsWith('.md'))
  if (plan === undefined) return []
  const text = await repository.contents.readFile(plan.path, view.baseSha)
  if (text === null) return []
  const tasks = parsePlan(text, plan.path).phases.flatMap((phase) => phase.tasks)
  const cited = new Set([...citedTaskIds(view.body, view.headRef), ...tasksOfIssues(tasks, closedIssues(view.body))])
  return tasks.flatMap(({ id, text: task }) => (id !== null && cited.has(id) ? [{ id, text: task.slice(0, 300) }] : []))
}

/** What a review can do without: GitHub's refusal of it does not end the review. */
async function helpful<T>(otherwise: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (isCodedError(error)) return otherwise
    throw error
  }
}

/** The recorded change as the review room knows it. */
export function inputsOf(recorded: Json, focus: string | null, memory: Memory): ReviewInputs {
  const { diffText, files, secrets, ...change } = gatheredChange.parse(recorded)
  return { ...change, diff: diffOf({ diffText, files }), maskedSecrets: secrets, focus, memory }
}

function diffOf({ diffText, files }: Pick<GatheredChange, 'diffText' | 'files'>): ParsedDiff {
  return diffText === null ? parsePatches(files.map(patchFile)) : parseDiff(diffText)
}

function patchFile(file: GatheredChange['files'][number] | PullRequestFile) {
  const { path, previousPath, status, additions, deletions, patch } = file
  return { filename: path, previous_filename: previousPath, status, additions, deletions, patch }
}
