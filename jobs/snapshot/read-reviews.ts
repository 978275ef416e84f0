import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { failedToSee, type Part, type Snapshot, type SnapshotReview, seen } from '../../governance/snapshot.ts'
import type { Listing, ReviewView } from '../../ports/github.ts'
import type { Place } from './place.ts'
import type { GithubWorld } from './world.ts'

/** Reviews; with the reviewers' permissions where they decide who owns the plan. */
export async function readReviews(
  { github }: GithubWorld,
  config: ResolvedConfig,
  { number, headSha }: Place,
  isPlanEdited: boolean,
  early?: Promise<Listing<ReviewView>>,
): Promise<Snapshot['reviews']> {
  const listing = await (early ?? github.reviews.list(number))
  if (!listing.complete) return failedToSee('there are more reviews than GitHub lists')
  const asksPermission = isPlanEdited && config.governance.plan.owners.length === 0
  return seen(
    await Promise.all(
      listing.items.map(async ({ id, author, state, commitSha, submittedAt }): Promise<SnapshotReview> => {
        const decides = asksPermission && state === 'APPROVED' && commitSha === headSha && author !== null
        const permission = decides ? await github.access.permission(author.login) : null
        const reviewer = { login: author?.login ?? null, type: author?.type ?? null, email: null }
        return { id, reviewer, state, commitSha, submittedAt, permission }
      }),
    ),
  )
}

/** Which approvers belong to the teams that own the plan; asked only when the plan is edited. */
export async function readTeams(
  { github }: GithubWorld,
  config: ResolvedConfig,
  reviews: Part<readonly SnapshotReview[]>,
  isPlanEdited: boolean,
): Promise<Snapshot['teams']> {
  const teams = config.governance.plan.owners.filter((owner) => owner.includes('/'))
  if (!isPlanEdited || teams.length === 0 || 'unseen' in reviews) return seen({})
  const approvers = new Set(
    reviews.seen.flatMap(({ state, reviewer }) =>
      state === 'APPROVED' && reviewer.login !== null ? [reviewer.login] : [],
    ),
  )
  const members = await Promise.all(
    teams.map(async (team) => {
      const found: string[] = []
      for (const login of approvers) if (await github.access.isTeamMember(team, login)) found.push(login)
      return [team, found] as const
    }),
  )
  return seen(Object.fromEntries(members))
}
