import { z } from 'zod'
import { type PolicyProblem, parsePolicyFile } from '../../config/parse-policy-file.ts'
import { POLICY_PATH } from '../../config/policy-schema.ts'
import { configWithoutFile, defaultConfig, type ResolvedConfig } from '../../config/resolved-config.ts'
import type { GithubRepository } from '../../ports/github.ts'
import type { FactStore } from '../../ports/store.ts'
import { factKeys } from './fact-keys.ts'

/** The policy that governs changes to a base branch. */
export interface PolicyInForce {
  readonly config: ResolvedConfig
  /** What is wrong with the file on the base; the last good one, or else the defaults, are then in force. */
  readonly problems: readonly PolicyProblem[]
}

const stored = z.object({ text: z.string().nullable() })

/** Reads devloop.yml at `ref` (the base branch, or its tip) and remembers it while it is good. */
export async function readPolicyInForce(
  repository: GithubRepository,
  facts: FactStore,
  base: { readonly ref: string; readonly branch: string },
): Promise<PolicyInForce> {
  const text = await repository.contents.readFile(POLICY_PATH, base.ref)
  // A commit is no branch: what is remembered for it would stay for ever.
  const key = /^[0-9a-f]{40}$/.test(base.branch) ? undefined : factKeys.policy(repository.ref.name, base.branch)
  if (key === undefined) return parseOr(text, (await storedPolicies(facts, repository.ref.name))[0])
  const known = stored.safeParse(await facts.get(key))
  const result = text === null ? undefined : parsePolicyFile(text)
  if (result === undefined || result.ok) {
    if (known.data?.text !== text) await facts.set(key, { text })
    return { config: result?.config ?? configWithoutFile(), problems: [] }
  }
  return { config: known.success ? configOf(known.data.text) : defaultConfig(), problems: result.problems }
}

function parseOr(text: string | null, lastGood: ResolvedConfig = defaultConfig()): PolicyInForce {
  const result = text === null ? undefined : parsePolicyFile(text)
  if (result?.ok === false) return { config: lastGood, problems: result.problems }
  return { config: result?.config ?? configWithoutFile(), problems: [] }
}

/** Last good policies of all base branches of a repository, without asking GitHub; empty before the first evaluation. */
export async function storedPolicies(facts: FactStore, name: string): Promise<readonly ResolvedConfig[]> {
  return [...(await storedPoliciesByBranch(facts, name)).values()]
}

export async function storedPoliciesByBranch(
  facts: FactStore,
  name: string,
): Promise<ReadonlyMap<string, ResolvedConfig>> {
  const found = await facts.listByPrefix(factKeys.policies(name))
  const configs = new Map<string, ResolvedConfig>()
  for (const [key, value] of found) {
    const fact = stored.safeParse(value)
    if (fact.success) configs.set(key.slice(factKeys.policies(name).length), configOf(fact.data.text))
  }
  return configs
}

function configOf(text: string | null): ResolvedConfig {
  if (text === null) return configWithoutFile()
  const result = parsePolicyFile(text)
  return result.ok ? result.config : defaultConfig()
}
