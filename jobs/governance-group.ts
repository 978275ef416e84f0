import { evaluate } from '../governance/evaluate.ts'
import type { CheckView, RepositoryRef } from '../ports/github.ts'
import { CHECK_NAME, type GovernanceEnd, publishVerdict } from './governance-publish.ts'
import type { GovernanceParts } from './governance-parts.ts'
import type { GovernanceTarget } from './governance-target.ts'
import { buildGroupSnapshot } from './snapshot/group-snapshot.ts'
import { readPolicyInForce } from './snapshot/policy-in-force.ts'
import type { GithubWorld } from './snapshot/world.ts'

type Group = Extract<GovernanceTarget, { readonly kind: 'group' }>

/** Judges what a merge group would leave on its base: its own tree, not the pull requests one by one. */
export async function evaluateGroup(parts: GovernanceParts, ref: RepositoryRef, group: Group): Promise<GovernanceEnd> {
  const github = parts.github.repository(ref)
  const { slug, login } = await parts.github.identity()
  const isOwnCheck = (check: CheckView) => check.kind === 'check-run' && check.app === slug
  const policy = await readPolicyInForce(github, parts.store.facts, { ref: group.baseSha, branch: group.baseRef })
  const world: GithubWorld = {
    github,
    world: 'github',
    clock: parts.clock,
    appLogin: login,
    isOwnCheck,
    cache: parts.cache,
    memory: parts.store,
  }
  const snapshot = await buildGroupSnapshot(world, policy.config, group)
  const checks = await github.checks.list(group.headSha, 'check-runs')
  return publishVerdict(parts, github, {
    pullRequest: null,
    headSha: group.headSha,
    snapshot,
    config: policy.config,
    verdict: evaluate(snapshot, policy.config),
    problems: policy.problems,
    known: checks.items.find((check) => check.name === CHECK_NAME && isOwnCheck(check)),
    // A group's head never moves; a group that was given up does not mind its check.
    isCurrent: async () => true,
  })
}
