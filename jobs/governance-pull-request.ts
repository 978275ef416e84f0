import { defaultConfig, type ResolvedConfig } from '../config/resolved-config.ts'
import { evaluate } from '../governance/evaluate.ts'
import { isCodedError } from '../ports/errors.ts'
import type { GithubRepository, Listing, PullRequestView, RepositoryRef } from '../ports/github.ts'
import { CHECK_NAME, type GovernanceEnd, publishVerdict } from './governance-publish.ts'
import type { GovernanceParts } from './governance-parts.ts'
import { governanceMessage } from './governance-target.ts'
import { startReads } from './snapshot/early-reads.ts'
import { factKeys } from './snapshot/fact-keys.ts'
import { snapshotOf } from './snapshot/github-snapshot.ts'
import { guessPlace, isSamePlace, type Place, placeOf } from './snapshot/place.ts'
import { type PolicyInForce, readPolicyInForce, storedPoliciesByBranch } from './snapshot/policy-in-force.ts'
import { problemsOf } from './snapshot/policy-problems.ts'
import { type ChangeReads, readChange } from './snapshot/read-change.ts'
import { readsOf } from './snapshot/reads.ts'
import type { GithubWorld } from './snapshot/world.ts'
import { takeTurn } from './turn.ts'

/** A head that moves on under each of so many looks is left to its own events. */
const MOST_LOOKS = 3

interface Looked {
  readonly policy: PolicyInForce
  readonly read: ChangeReads
}

/**
 * Judges one pull request as it is now and writes its check run if that says something new. Undefined when it is closed, or moves faster
 * than it can be read.
 *
 * The pull request itself is read last, right before its verdict: what lies around it is read where an event said that it stands, and
 * counts only if it does stand there. So the head is certain, and asked for once.
 */
export async function evaluatePullRequest(
  parts: GovernanceParts,
  ref: RepositoryRef,
  number: number,
  options: { readonly trustNothing?: boolean } = {},
): Promise<GovernanceEnd | undefined> {
  const { store, queue } = parts
  const turnKey = factKeys.turn(ref.name, number)
  const github = parts.github.repository(ref)
  const [isMyTurn, { slug, login }, policies, guess] = await Promise.all([
    // Noted before anything is read of which the verdict is made: what a process knew that stood still meanwhile must not be written.
    takeTurn(store.facts, turnKey, parts.random.hex(8)),
    parts.github.identity(),
    storedPoliciesByBranch(store.facts, ref.name),
    guessPlace(store.facts, ref.name, number),
  ])
  const world: GithubWorld = {
    github,
    world: 'github',
    clock: parts.clock,
    appLogin: login,
    isOwnCheck: (check) => check.kind === 'check-run' && check.app === slug,
    cache: parts.cache,
    memory: store,
    ...(options.trustNothing === true && { trustNothing: true }),
  }
  const readNow = () => readPullRequest(github, number, readsOpen(policies))

  let place = guess
  for (let look = 0; look <= MOST_LOOKS; look++) {
    const looked = place && (await lookAround(world, place, policies.get(place.baseRef)))
    const { pullRequest, open } = await readNow()
    if (pullRequest.state === 'closed') {
      await store.facts.delete(turnKey)
      return undefined
    }
    if (place !== undefined && looked !== undefined && isSamePlace(place, pullRequest)) {
      if (looked instanceof Error) throw looked
      const { policy, read } = looked
      const snapshot = snapshotOf(world, read, pullRequest, open)
      const checks = 'seen' in read.checks ? read.checks.seen.items : []
      return publishVerdict(parts, github, {
        pullRequest: number,
        headSha: place.headSha,
        snapshot,
        config: policy.config,
        verdict: evaluate(snapshot, policy.config),
        problems: problemsOf(policy, snapshot),
        known: checks.find((check) => check.name === CHECK_NAME && world.isOwnCheck(check)),
        isCurrent: isMyTurn,
      })
    }
    place = placeOf(pullRequest)
  }
  await queue.send('governance', governanceMessage({ kind: 'pull-request', ...ref, number }), { coalesce: true })
  return undefined
}

/** Reads all that hangs on the place. An error that trying again does not mend is an answer: the place may be an old one. */
async function lookAround(
  world: GithubWorld,
  place: Place,
  likely: ResolvedConfig | undefined,
): Promise<Looked | Error> {
  const { github, memory } = world
  if (memory === null) throw new TypeError('a server without a memory')
  try {
    const early = startReads(world, place, likely)
    const compared = await github.contents.compare(place.baseRef, place.headSha)
    const base = { ref: compared.baseSha, branch: place.baseRef }
    const policy = await readPolicyInForce(github, memory.facts, base)
    return { policy, read: await readChange(world, policy.config, place, compared, early) }
  } catch (error) {
    if (isCodedError(error) && error.owner !== 'retry') return error
    throw error
  }
}

/** Where a rule compares with the other open pull requests, their list tells of this one too, and one call is saved. */
async function readPullRequest(
  github: GithubRepository,
  number: number,
  listsOpen: boolean,
): Promise<{ readonly pullRequest: PullRequestView; readonly open: Listing<PullRequestView> | undefined }> {
  const open = listsOpen ? await github.pullRequests.listOpen() : undefined
  const listed = open?.items.find((other) => other.number === number)
  return { pullRequest: listed ?? (await github.pullRequests.get(number)), open }
}

function readsOpen(policies: ReadonlyMap<string, ResolvedConfig>): boolean {
  const known = policies.size === 0 ? [defaultConfig()] : [...policies.values()]
  return known.some((config) => readsOf(config).has('open'))
}
