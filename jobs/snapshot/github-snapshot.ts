import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { citedTaskIds } from '../../governance/citations.ts'
import { failedToSee, type Part, type Snapshot, seen } from '../../governance/snapshot.ts'
import type { CheckView, CommitView, Listing, PullRequestView } from '../../ports/github.ts'
import { maskSecrets } from '../../review/secrets/mask.ts'
import { launchersOf, snapshotCommit } from './commits.ts'
import { unread } from './part.ts'
import { placeOf } from './place.ts'
import { type ChangeReads, type Compared, readChange } from './read-change.ts'
import { snapshotCheck } from './read-checks.ts'
import type { GithubWorld } from './world.ts'

/** Builds the snapshot of a pull request from GitHub's API. */
export async function buildGithubSnapshot(
  world: GithubWorld,
  config: ResolvedConfig,
  pullRequest: PullRequestView,
  compared: Compared,
  open: Listing<PullRequestView> | undefined,
): Promise<Snapshot> {
  return snapshotOf(world, await readChange(world, config, placeOf(pullRequest), compared), pullRequest, open)
}

/** Puts together what was read around the place of a pull request, and the pull request as it stands there now. */
export function snapshotOf(
  world: GithubWorld,
  read: ChangeReads,
  pullRequest: PullRequestView,
  open: Listing<PullRequestView> | undefined,
): Snapshot {
  const { place, compared, commits, checks, ...parts } = read
  return {
    schemaVersion: 1,
    world: world.world,
    repository: world.github.ref.name,
    now: new Date(world.clock.now()).toISOString(),
    appLogin: world.appLogin,
    change: {
      kind: 'pull-request',
      number: place.number,
      headRef: seen(pullRequest.headRef),
      baseRef: place.baseRef,
      headSha: place.headSha,
      baseSha: compared.baseSha,
      mergeBaseSha: compared.mergeBaseSha,
      draft: pullRequest.draft,
      fromFork: pullRequest.headRepository !== world.github.ref.name,
      title: maskSecrets(pullRequest.title),
      // The snapshot is kept with its verdict; what is judged is what is kept.
      body: seen(maskSecrets(pullRequest.body)),
      author: seen({ ...pullRequest.author, email: null }),
      labels: seen(pullRequest.labels),
      members: [],
    },
    commits: 'seen' in commits ? seen(commits.seen.map(snapshotCommit)) : commits,
    launchers: seen(launchersFor(pullRequest, commits)),
    checks: checksPart(world, checks),
    open: openPart(open, pullRequest.number),
    ...parts,
  }
}

function checksPart(world: GithubWorld, checks: Part<Listing<CheckView>>): Snapshot['checks'] {
  if ('unseen' in checks) return checks
  if (!checks.seen.complete) return failedToSee('this head has more checks than GitHub lists')
  return seen(checks.seen.items.map((check) => snapshotCheck(world, check)))
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
