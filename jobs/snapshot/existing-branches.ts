import { z } from 'zod'
import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { type Part, seen } from '../../governance/snapshot.ts'
import { factKeys } from './fact-keys.ts'
import type { GithubWorld } from './world.ts'

const branchesFact = z.record(z.string(), z.boolean())

/** Which of the branches that the policy names exist. Remembered until a branch is created or deleted. */
export async function existingBranches(
  { github, memory, trustNothing }: GithubWorld,
  config: ResolvedConfig,
  baseRef: string,
): Promise<Part<readonly string[]>> {
  const { main, staging } = config.governance.branches
  const names = [...new Set([main, staging].filter((name) => name !== null))]
  const key = factKeys.branches(github.ref.name)
  const stored = trustNothing === true ? undefined : await memory?.facts.get(key)
  const known = { ...branchesFact.safeParse(stored).data }
  const before = Object.keys(known).length
  for (const name of names)
    known[name] = name === baseRef || (known[name] ?? (await github.contents.branchHead(name)) !== null)
  if (Object.keys(known).length !== before) await memory?.facts.set(key, known)
  return seen(names.filter((name) => known[name]))
}
