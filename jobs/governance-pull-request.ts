import { defaultConfig } from '../config/resolved-config.ts'
import { evaluate } from '../governance/evaluate.ts'
import type { GithubRepository, Listing, PullRequestView, RepositoryRef } from '../ports/github.ts'
import { CHECK_NAME, type GovernanceEnd, publishVerdict } from './governance-publish.ts'
import type { GovernanceParts } from './governance-parts.ts'
import { governanceMessage } from './governance-target.ts'
import { factKeys } from './snapshot/fact-keys.ts'
import { buildGithubSnapshot } from './snapshot/github-snapshot.ts'
import { readPolicyInForce, storedPolicies } from './snapshot/policy-in-force.ts'
import { problemsOf } from './snapshot/policy-problems.ts'
import { readsOf } from './snapshot/reads.ts'
import type { GithubWorld } from './snapshot/world.ts'
import { takeTurn } from './turn.ts'

/** Judges one pull request as it is now and writes its check run if that says something new. Undefined when it is closed. */
export async function evaluatePullRequest(
  parts: GovernanceParts,
  ref: RepositoryRef,
  number: number,
  options: { readonly trustNothing?: boolean } = {},
): Promise<GovernanceEnd | undefined> {
  const { store, queue } = parts
  const turnKey = factKeys.turn(ref.name, number)
  const isMyTurn = await takeTurn(store.facts, turnKey, parts.random.hex(8))
  const github = parts.github.repository(ref)
  const { slug, login } = await parts.github.identity()
  const listsOpen = await readsOpen(parts, ref.name)
  const { pullRequest, open } = await readPullRequest(github, number, listsOpen)
  if (pullRequest.state === 'closed') {
    await store.facts.delete(turnKey)
    return undefined
  }

  const compared = await github.contents.compare(pullRequest.baseRef, pullRequest.headSha)
  const base = { ref: compared.baseSha, branch: pullRequest.baseRef }
  const policy = await readPolicyInForce(github, store.facts, base)
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
  const { snapshot, checks } = await buildGithubSnapshot(world, policy.config, pullRequest, compared, open)
  const verdict = evaluate(snapshot, policy.config)
  return publishVerdict(parts, github, {
    pullRequest: number,
    headSha: pullRequest.headSha,
    snapshot,
    config: policy.config,
    verdict,
    problems: problemsOf(policy, snapshot),
    known: checks?.items.find((check) => check.name === CHECK_NAME && world.isOwnCheck(check)),
    async isCurrent() {
      const now = await readPullRequest(github, number, listsOpen)
      if (now.pullRequest.state === 'closed') return false
      if (now.pullRequest.headSha === pullRequest.headSha) return isMyTurn()
      await queue.send('governance', governanceMessage({ kind: 'pull-request', ...ref, number }), { coalesce: true })
      return false
    },
  })
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

async function readsOpen({ store }: GovernanceParts, name: string): Promise<boolean> {
  const known = await storedPolicies(store.facts, name)
  return (known.length === 0 ? [defaultConfig()] : known).some((config) => readsOf(config).has('open'))
}
