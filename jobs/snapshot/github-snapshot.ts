import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { POLICY_PATH } from '../../config/policy-schema.ts'
import { AGENT_RULE_PATHS } from '../../governance/agent-rules.ts'
import { citedTaskIds } from '../../governance/citations.ts'
import type { Trigger } from '../../governance/rule.ts'
import { failedToSee, type Part, type PlanSide, type Snapshot, seen } from '../../governance/snapshot.ts'
import type { CheckView, CommitView, Listing, PullRequestFile, PullRequestView } from '../../ports/github.ts'
import type { CommitSha } from '../../ports/ids.ts'
import { maskSecrets } from '../../review/secrets/mask.ts'
import { launchersOf, snapshotCommit } from './commits.ts'
import { existingBranches } from './existing-branches.ts'
import { readMerged } from './read-merged.ts'
import { readPlanSide, sameSide } from './plan-sides.ts'
import { readsOf } from './reads.ts'
import { part, unread } from './part.ts'
import { readCheckViews, snapshotCheck } from './read-checks.ts'
import { readReviews, readTeams } from './read-reviews.ts'
import { readMemory } from './server-memory.ts'
import type { GithubWorld } from './world.ts'

/** What a comparison of base and head tells; read before, since the policy lies on the base tip. */
export interface Compared {
  readonly baseSha: CommitSha
  readonly mergeBaseSha: CommitSha
  readonly files: Listing<PullRequestFile>
  readonly commits: Listing<CommitView>
}

export interface GithubSnapshot {
  readonly snapshot: Snapshot
  /** Our own check runs on the head among all others, for "write only on change"; undefined when checks were not read. */
  readonly checks: Listing<CheckView> | undefined
}

/** Builds the snapshot of a pull request from GitHub's API, asking only for what enabled rules read. */
export async function buildGithubSnapshot(
  world: GithubWorld,
  config: ResolvedConfig,
  pullRequest: PullRequestView,
  compared: Compared,
  open: Listing<PullRequestView> | undefined,
): Promise<GithubSnapshot> {
  const { github } = world
  const reads = readsOf(config)
  const { dir } = config.governance.plan
  // What does not rest on another answer is asked for at the same time: each round trip to GitHub is waited for once.
  const checksRead = readChecks(world, pullRequest.headSha)
  // Awaited below; should something fail before, that is what is told.
  checksRead.catch(() => {})
  const [files, commits] = await Promise.all([
    allFiles(world, pullRequest, compared),
    allCommits(world, pullRequest, compared),
  ])
  const source = github.contents
  const planReads = wanted(reads, 'files', 'base', 'merged')
  const touched = touchedPaths(files)
  const mergeBase = await part(() => planSide(world, planReads, compared.mergeBaseSha, dir))
  const [base, head] = await Promise.all([
    compared.baseSha === compared.mergeBaseSha
      ? sameSide(mergeBase, compared.baseSha)
      : part(() => planSide(world, planReads, compared.baseSha, dir)),
    touched === null || touched.some((path) => path.startsWith(`${dir}/`))
      ? part(() => planSide(world, planReads, pullRequest.headSha, dir))
      : sameSide(mergeBase, pullRequest.headSha),
  ])
  const isPlanEdited = JSON.stringify(textsOf(head)) !== JSON.stringify(textsOf(mergeBase))
  const atHead = (path: string) =>
    source.readFile(path, touched === null || touched.includes(path) ? pullRequest.headSha : compared.mergeBaseSha)

  const reviewsRead = wanted(reads, 'reviews')
    ? part(() => readReviews(world, config, pullRequest, isPlanEdited))
    : Promise.resolve(unread<never>())
  const [checks, reviews, memory, merged, branches, planChangedAt, teams, agentRules, policyAtHead] = await Promise.all(
    [
      checksRead,
      reviewsRead,
      readMemory(world, config, pullRequest),
      wanted(reads, 'merged')
        ? part(() => readMerged(world, config, pullRequest.baseRef, { head, mergeBase }))
        : unread<never>(),
      part(() => existingBranches(world, config, pullRequest.baseRef)),
      part(async () => seen(await planChanged(world, compared.baseSha, dir))),
      part(async () => readTeams(world, config, await reviewsRead, isPlanEdited)),
      part(async () =>
        seen(await Promise.all(AGENT_RULE_PATHS.map(async (path) => ({ path, text: await atHead(path) })))),
      ),
      part(async () =>
        seen(
          touched === null || touched.includes(POLICY_PATH)
            ? await source.readFile(POLICY_PATH, pullRequest.headSha)
            : null,
        ),
      ),
    ],
  )

  const snapshot: Snapshot = {
    schemaVersion: 1,
    world: world.world,
    repository: github.ref.name,
    now: new Date(world.clock.now()).toISOString(),
    appLogin: world.appLogin,
    change: {
      kind: 'pull-request',
      number: pullRequest.number,
      headRef: seen(pullRequest.headRef),
      baseRef: pullRequest.baseRef,
      headSha: pullRequest.headSha,
      baseSha: compared.baseSha,
      mergeBaseSha: compared.mergeBaseSha,
      draft: pullRequest.draft,
      fromFork: pullRequest.headRepository !== github.ref.name,
      title: maskSecrets(pullRequest.title),
      // The snapshot is kept with its verdict; what is judged is what is kept.
      body: seen(maskSecrets(pullRequest.body)),
      author: seen({ ...pullRequest.author, email: null }),
      labels: seen(pullRequest.labels),
      members: [],
    },
    files: 'seen' in files ? seen(files.seen.map(changedFile)) : files,
    existingBranches: branches,
    plans: { base, mergeBase, head },
    planChangedAt,
    commits: 'seen' in commits ? seen(commits.seen.map(snapshotCommit)) : commits,
    launchers: seen(launchersFor(pullRequest, commits)),
    reviews,
    teams,
    checks: checksPart(world, checks),
    merged,
    open: openPart(open, pullRequest.number),
    agentRules,
    policyAtHead,
    ...memory,
  }
  return { snapshot, checks: 'seen' in checks ? checks.seen : undefined }
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
  { number }: PullRequestView,
  { files }: Compared,
): Promise<Part<readonly PullRequestFile[]>> {
  if (files.complete) return seen(files.items)
  return part(async () => {
    const paged = await github.pullRequests.listFiles(number)
    if (paged.complete) return seen(paged.items)
    return failedToSee(`GitHub lists at most ${paged.items.length} files, and this change has more`)
  })
}

async function allCommits(
  { github }: GithubWorld,
  { number }: PullRequestView,
  { commits }: Compared,
): Promise<Part<readonly CommitView[]>> {
  if (commits.complete) return seen(commits.items)
  return part(async () => {
    const paged = await github.pullRequests.listCommits(number)
    if (paged.complete) return seen(paged.items)
    return failedToSee(`GitHub lists at most ${paged.items.length} commits, and this change has more`)
  })
}

/** Paths this change touches, old names included; null when they are not all known. */
function touchedPaths(files: Part<readonly PullRequestFile[]>): readonly string[] | null {
  if ('unseen' in files) return null
  return files.seen.flatMap(({ path, previousPath }) => (previousPath === undefined ? [path] : [path, previousPath]))
}

function textsOf(side: Part<PlanSide>): unknown {
  return 'seen' in side ? side.seen.texts : null
}

async function readChecks(world: GithubWorld, headSha: CommitSha): Promise<Part<Listing<CheckView>>> {
  return part(async () => seen(await readCheckViews(world, headSha)))
}

function checksPart(world: GithubWorld, checks: Part<Listing<CheckView>>): Snapshot['checks'] {
  if ('unseen' in checks) return checks
  if (!checks.seen.complete) return failedToSee('this head has more checks than GitHub lists')
  return seen(checks.seen.items.map((check) => snapshotCheck(world, check)))
}

function changedFile({ path, status, previousPath }: PullRequestFile) {
  return { path, status, ...(previousPath !== undefined && { previousPath }) }
}

function openPart(open: Listing<PullRequestView> | undefined, own: number): Snapshot['open'] {
  if (open === undefined) return unread()
  if (!open.complete) return failedToSee('there are more open pull requests than GitHub lists')
  const others = open.items.filter(({ number }) => number !== own)
  return seen(
    others.map((other) => ({
      number: other.number,
      headRef: other.headRef,
      baseRef: other.baseRef,
      draft: other.draft,
      tasks: [...citedTaskIds(other.body, other.headRef)],
      paths: null,
    })),
  )
}

/** GitHub assigns a coding agent's pull request to whoever asked for it; other agents say so in a trailer. */
function launchersFor(pullRequest: PullRequestView, commits: Part<readonly CommitView[]>) {
  const { author, assignees, body } = pullRequest
  const messages = 'seen' in commits ? commits.seen.map(({ message }) => message) : []
  const assigned = author.type === 'Bot' ? assignees.filter((login) => login !== author.login) : []
  const named = launchersOf([body, ...messages])
  return [...new Set([...assigned, ...named])].map((launcher) => ({ agent: author.login, launcher }))
}
