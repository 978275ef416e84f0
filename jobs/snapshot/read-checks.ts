import { z } from 'zod'
import type { SnapshotCheck } from '../../governance/snapshot.ts'
import type { CheckView, Listing } from '../../ports/github.ts'
import type { CommitSha } from '../../ports/ids.ts'
import { factKeys } from './fact-keys.ts'
import type { GithubWorld } from './world.ts'

const statusesFact = z.object({ used: z.boolean() })

/**
 * Checks of a commit. Most repositories never see a commit status; the first look and the `status` events say so, and the call for
 * them is then saved.
 */
export async function readCheckViews(world: GithubWorld, headSha: CommitSha): Promise<Listing<CheckView>> {
  const { github, memory, trustNothing } = world
  if (memory === null) return github.checks.list(headSha)
  const key = factKeys.statuses(github.ref.name)
  const known = statusesFact.safeParse(await memory.facts.get(key))
  if (known.data?.used === false && trustNothing !== true) return github.checks.list(headSha, 'check-runs')
  const checks = await github.checks.list(headSha)
  const used = checks.items.some(({ kind }) => kind === 'status')
  if (!known.success || (used && !known.data.used)) await memory.facts.set(key, { used })
  return checks
}

export function snapshotCheck(world: Pick<GithubWorld, 'isOwnCheck'>, check: CheckView): SnapshotCheck {
  const { kind, id, name, app, status, conclusion } = check
  return { kind, id, name, app, own: world.isOwnCheck(check), status, conclusion }
}
