import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { failedToSee, notVisibleHere, type Snapshot, seen } from '../../governance/snapshot.ts'
import type { CommitView } from '../../ports/github.ts'
import type { CommitSha } from '../../ports/ids.ts'
import { snapshotCommit } from './commits.ts'
import { existingBranches } from './existing-branches.ts'
import { part } from './part.ts'
import { readPlanSide, sameSide } from './plan-sides.ts'
import { readCheckViews, snapshotCheck } from './read-checks.ts'
import { readMember } from './group-member.ts'
import { readMerged } from './read-merged.ts'
import type { GithubWorld } from './world.ts'

/** A merge group as its event names it. */
export interface GroupHeads {
  readonly headSha: CommitSha
  readonly headRef: string
  readonly baseSha: CommitSha
  readonly baseRef: string
}

const QUEUE_BRANCH = /(?:^|\/)pr-(\d+)-[0-9a-f]+$/
const MERGE_MESSAGE = /^Merge pull request #(\d+) |\(#(\d+)\)$/

/** Builds the snapshot of a merge group on its own tree. What belongs to single pull requests was decided on them. */
export async function buildGroupSnapshot(
  world: GithubWorld,
  config: ResolvedConfig,
  group: GroupHeads,
): Promise<Snapshot> {
  const { github } = world
  const { dir } = config.governance.plan
  const compared = await github.contents.compare(group.baseSha, group.headSha)
  const decided = <T>() => notVisibleHere<T>('decided on each pull request of the merge group')
  const { files, commits } = compared
  const touchesPlan =
    !files.complete ||
    files.items.some(({ path, previousPath }) => [path, previousPath ?? ''].some((at) => at.startsWith(`${dir}/`)))
  const base = await part(() => readPlanSide(github.contents, group.baseSha, dir, world.cache))
  const head = touchesPlan
    ? await part(() => readPlanSide(github.contents, group.headSha, dir, world.cache))
    : sameSide(base, group.headSha)
  const members = await Promise.all(membersOf(group, commits.items).map((number) => readMember(world, config, number)))
  return {
    schemaVersion: 1,
    world: world.world,
    repository: github.ref.name,
    now: new Date(world.clock.now()).toISOString(),
    appLogin: world.appLogin,
    change: {
      kind: 'merge-group',
      number: null,
      headRef: seen(group.headRef),
      baseRef: group.baseRef,
      headSha: group.headSha,
      baseSha: group.baseSha,
      mergeBaseSha: group.baseSha,
      draft: false,
      fromFork: false,
      title: `Merge group of ${members.map(({ number }) => `#${number}`).join(', ')}`,
      body: decided(),
      author: decided(),
      labels: decided(),
      members,
    },
    files: files.complete
      ? seen(
          files.items.map(({ path, status, previousPath }) => ({
            path,
            status,
            ...(previousPath !== undefined && { previousPath }),
          })),
        )
      : failedToSee(`GitHub compares at most ${files.items.length} files, and this group has more`),
    existingBranches: await part(() => existingBranches(world, config, group.baseRef)),
    plans: { base, mergeBase: base, head },
    planChangedAt: await part(async () => {
      const at = await github.contents.lastChangedAt(`${dir}/active`, group.baseSha)
      return seen(at === null ? null : new Date(at).toISOString())
    }),
    commits: commits.complete
      ? seen(commits.items.map(snapshotCommit))
      : failedToSee('the group has more commits than GitHub lists'),
    pushers: decided(),
    launchers: decided(),
    reviews: decided(),
    agentReviews: decided(),
    teams: decided(),
    checks: await part(async () => {
      const checks = await readCheckViews(world, group.headSha)
      if (!checks.complete) return failedToSee('this head has more checks than GitHub lists')
      return seen(checks.items.map((check) => snapshotCheck(world, check)))
    }),
    merged: await part(() => readMerged(world, config, group.baseRef, { head, mergeBase: base })),
    open: decided(),
    directPushes: decided(),
    waivers: decided(),
    agentRules: decided(),
    policyAtHead: seen(null),
  }
}

/** The queue's branch names only the last pull request; those before it stand in the commits. */
function membersOf({ headRef }: GroupHeads, commits: readonly CommitView[]): readonly number[] {
  const numbers = new Set<number>()
  for (const { message } of commits) {
    const match = MERGE_MESSAGE.exec(message.split('\n', 1)[0] ?? '')
    const number = Number(match?.[1] ?? match?.[2] ?? Number.NaN)
    if (Number.isInteger(number)) numbers.add(number)
  }
  const last = Number(QUEUE_BRANCH.exec(headRef)?.[1] ?? Number.NaN)
  if (Number.isInteger(last)) numbers.add(last)
  return [...numbers].sort((a, b) => a - b)
}
