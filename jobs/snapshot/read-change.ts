import { POLICY_PATH } from '../../config/policy-schema.ts'
import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { AGENT_RULE_PATHS } from '../../governance/agent-rules.ts'
import type { Trigger } from '../../governance/rule.ts'
import {
  type ChangedFile,
  failedToSee,
  type Part,
  type PlanSide,
  type Snapshot,
  seen,
} from '../../governance/snapshot.ts'
import type { CheckView, CommitView, Listing, PathChange, PullRequestFile } from '../../ports/github.ts'
import type { CommitSha } from '../../ports/ids.ts'
import { type EarlyReads, startReads } from './early-reads.ts'
import { existingBranches } from './existing-branches.ts'
import { part, unread } from './part.ts'
import type { Place } from './place.ts'
import { readPlanSide, sameSide } from './plan-sides.ts'
import { readMerged } from './read-merged.ts'
import { readReviews, readTeams } from './read-reviews.ts'
import { readsOf } from './reads.ts'
import { memoryOf } from './server-memory.ts'
import type { GithubWorld } from './world.ts'

/** What a comparison of base and head tells; read before, since the policy lies on the base tip. */
export interface Compared {
  readonly baseSha: CommitSha
  readonly mergeBaseSha: CommitSha
  readonly files: Listing<PullRequestFile>
  readonly commits: Listing<CommitView>
}

/** Parts of a snapshot that are the same for whoever the author is and whatever the text says. */
type SamePart =
  | 'files'
  | 'plans'
  | 'reviews'
  | 'teams'
  | 'merged'
  | 'existingBranches'
  | 'planChangedAt'
  | 'agentRules'
  | 'policyAtHead'
  | 'pushers'
  | 'directPushes'
  | 'agentReviews'
  | 'waivers'

/** All that a verdict needs and that hangs on the place of a pull request, not on its text. */
export interface ChangeReads extends Pick<Snapshot, SamePart> {
  readonly place: Place
  readonly compared: Compared
  readonly commits: Part<readonly CommitView[]>
  readonly checks: Part<Listing<CheckView>>
}

/** Asks GitHub only for what enabled rules read, and for what does not rest on another answer at the same time. */
export async function readChange(
  world: GithubWorld,
  config: ResolvedConfig,
  place: Place,
  compared: Compared,
  early: EarlyReads = startReads(world, place, config),
): Promise<ChangeReads> {
  const source = world.github.contents
  const reads = readsOf(config)
  const { dir } = config.governance.plan
  const [files, commits] = await Promise.all([allFiles(world, place, compared), allCommits(world, place, compared)])
  const planReads = wanted(reads, 'files', 'base', 'merged')
  const touched = touchedPaths(files)
  const mergeBase = await part(() => planSide(world, planReads, compared.mergeBaseSha, dir))
  const [base, head] = await Promise.all([
    compared.baseSha === compared.mergeBaseSha
      ? sameSide(mergeBase, compared.baseSha)
      : part(() => planSide(world, planReads, compared.baseSha, dir)),
    touched === null || touched.some((path) => path.startsWith(`${dir}/`))
      ? part(() => planSide(world, planReads, place.headSha, dir))
      : sameSide(mergeBase, place.headSha),
  ])
  const isPlanEdited = JSON.stringify(textsOf(head)) !== JSON.stringify(textsOf(mergeBase))
  const atHead = (path: string) =>
    source.readFile(path, touched === null || touched.includes(path) ? place.headSha : compared.mergeBaseSha)

  const reviewsRead = wanted(reads, 'reviews')
    ? part(() => readReviews(world, config, place, isPlanEdited, early.reviews))
    : Promise.resolve(unread<never>())
  const [checks, reviews, memory, merged, branches, planChangedAt, teams, agentRules, policyAtHead] = await Promise.all(
    [
      part(async () => seen(await early.checks)),
      reviewsRead,
      memoryOf(world, config, await early.stored),
      wanted(reads, 'merged')
        ? part(() => readMerged(world, config, place.baseRef, { head, mergeBase }, early.merged))
        : unread<never>(),
      part(() => existingBranches(world, config, place.baseRef)),
      part(async () => seen(await planChanged(world, compared.baseSha, dir))),
      part(async () => readTeams(world, config, await reviewsRead, isPlanEdited)),
      part(async () =>
        seen(await Promise.all(AGENT_RULE_PATHS.map(async (path) => ({ path, text: await atHead(path) })))),
      ),
      part(async () =>
        seen(
          touched === null || touched.includes(POLICY_PATH) ? await source.readFile(POLICY_PATH, place.headSha) : null,
        ),
      ),
    ],
  )
  return {
    place,
    compared,
    files,
    commits,
    plans: { base, mergeBase, head },
    checks,
    reviews,
    teams,
    merged,
    existingBranches: branches,
    planChangedAt,
    agentRules,
    policyAtHead,
    ...memory,
  }
}

function wanted(reads: ReadonlySet<Trigger>, ...triggers: readonly Trigger[]): boolean {
  return triggers.some((trigger) => reads.has(trigger))
}

function planSide(world: GithubWorld, isRead: boolean, sha: string, dir: string): Promise<Part<PlanSide>> {
  return isRead ? readPlanSide(world.github.contents, sha, dir, world.cache) : Promise.resolve(unread())
}

/** When the plan last changed on the base: a question of history, so only for a folder that is there. */
async function planChanged(world: GithubWorld, baseSha: CommitSha, dir: string): Promise<string | null> {
  const at = await world.github.contents.lastChangedAt(`${dir}/active`, baseSha)
  return at === null ? null : new Date(at).toISOString()
}

async function allFiles(
  { github }: GithubWorld,
  { number, headSha }: Place,
  { files, mergeBaseSha }: Compared,
): Promise<Part<readonly ChangedFile[]>> {
  if (files.complete) return seen(files.items.map(changedFile))
  return part(async () => {
    // Two calls instead of one for each hundred files, and rules read no more than paths.
    const changes = await github.contents.treeChanges(mergeBaseSha, headSha)
    if (changes !== null) return seen(changes)
    const paged = await github.pullRequests.listFiles(number)
    if (paged.complete) return seen(paged.items.map(changedFile))
    return failedToSee(`GitHub lists at most ${paged.items.length} files, and this change has more`)
  })
}

async function allCommits(
  { github }: GithubWorld,
  { number }: Place,
  { commits }: Compared,
): Promise<Part<readonly CommitView[]>> {
  if (commits.complete) return seen(commits.items)
  return part(async () => {
    const paged = await github.pullRequests.listCommits(number)
    if (paged.complete) return seen(paged.items)
    return failedToSee(`GitHub lists at most ${paged.items.length} commits, and this change has more`)
  })
}

function changedFile({ path, status, previousPath }: PathChange): ChangedFile {
  return { path, status, ...(previousPath !== undefined && { previousPath }) }
}

/** Paths this change touches, old names included; null when they are not all known. */
function touchedPaths(files: Part<readonly ChangedFile[]>): readonly string[] | null {
  if ('unseen' in files) return null
  return files.seen.flatMap(({ path, previousPath }) => (previousPath === undefined ? [path] : [path, previousPath]))
}

function textsOf(side: Part<PlanSide>): unknown {
  return 'seen' in side ? side.seen.texts : null
}
