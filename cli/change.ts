import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { configWithoutFile, type ResolvedConfig } from '../config/resolved-config.ts'
import { type PolicyProblem, parsePolicyFile } from '../config/parse-policy-file.ts'
import { POLICY_PATH } from '../config/policy-schema.ts'
import type { Snapshot } from '../governance/snapshot.ts'
import { problemsOf } from '../jobs/snapshot/policy-problems.ts'
import { buildLocalSnapshot } from '../jobs/snapshot/local-snapshot.ts'
import { createPlanCache } from '../jobs/snapshot/plan-sides.ts'
import { withCheckout } from '../parts/checkout.ts'
import { CliError } from './error.ts'
import type { CliWorld } from './world.ts'

export interface ChangeOptions {
  readonly repo: string
  readonly base?: string
  readonly head?: string
  readonly staged?: boolean
  readonly branch?: string
}

export interface LocalFacts {
  readonly snapshot: Snapshot
  readonly config: ResolvedConfig
  /** What is wrong with devloop.yml, on the base or in the change. */
  readonly problems: readonly PolicyProblem[]
}

/** What governance may look at in a repository on this disk. Throws `GitError`. */
export function readLocalChange(options: ChangeOptions, world: CliWorld): Promise<LocalFacts> {
  return withCheckout(resolve(world.cwd, options.repo), async (git) => {
    const head = options.staged ? 'staged' : options.head
    const change = {
      ...(options.base === undefined ? {} : { base: options.base }),
      ...(head === undefined ? {} : { head }),
      ...(options.branch === undefined ? {} : { branch: options.branch }),
    }
    const local = await buildLocalSnapshot(git, change, { nowMs: Date.now(), cache: createPlanCache() })
    return { ...local, problems: problemsOf(local, local.snapshot) }
  })
}

/** A recorded snapshot, judged under the policy recorded with it, else under that of the repository's work tree. */
export async function readFacts(path: string, options: ChangeOptions, world: CliWorld): Promise<LocalFacts> {
  const { parseRecorded } = await import('../governance/recorded.ts')
  const file = resolve(world.cwd, path)
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable(`${path} could not be read.`, 'Name an existing file.', cause)
  })
  try {
    const { snapshot, config } = parseRecorded(text)
    return { snapshot, ...(config === null ? await policyHere(options, world) : { config, problems: [] }) }
  } catch (cause) {
    const remedy = 'Give a file with a snapshot, or with {"snapshot", "policy"} as the server stores it.'
    throw unreadable(`${path} is no recorded snapshot.`, remedy, cause)
  }
}

function unreadable(message: string, remedy: string, cause: unknown): CliError {
  return new CliError({ code: 'unreadable-input', owner: 'user', message, remedy, cause })
}

async function policyHere({ repo }: ChangeOptions, world: CliWorld): Promise<Omit<LocalFacts, 'snapshot'>> {
  const text = await readFile(resolve(world.cwd, repo, POLICY_PATH), 'utf8').catch(() => undefined)
  if (text === undefined) return { config: configWithoutFile(), problems: [] }
  const parsed = parsePolicyFile(text)
  return parsed.ok
    ? { config: parsed.config, problems: [] }
    : { config: configWithoutFile(), problems: parsed.problems }
}
