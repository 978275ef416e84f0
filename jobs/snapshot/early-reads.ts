import type { ResolvedConfig } from '../../config/resolved-config.ts'
import type { CheckView, Listing, PullRequestView, ReviewView } from '../../ports/github.ts'
import type { Place } from './place.ts'
import { readCheckViews } from './read-checks.ts'
import { listMergedWork, mergedInto } from './read-merged.ts'
import { readsOf } from './reads.ts'
import { readStored, type Stored } from './server-memory.ts'
import type { GithubWorld } from './world.ts'

/** What need not wait for the comparison of base and head. Each fails where it is awaited, and nowhere else. */
export interface EarlyReads {
  readonly checks: Promise<Listing<CheckView>>
  readonly stored: Promise<Stored>
  /** Absent where no rule seemed to read them. */
  readonly reviews?: Promise<Listing<ReviewView>>
  readonly merged?: { readonly into: string; readonly listing: Promise<Listing<PullRequestView>> }
}

/** Begins to read. `config` may be a guess: what turns out to be read too is asked for later. */
export function startReads(world: GithubWorld, place: Place, config: ResolvedConfig | undefined): EarlyReads {
  const reads = config === undefined ? undefined : readsOf(config)
  const checks = readCheckViews(world, place.headSha)
  const reviews = reads?.has('reviews') ? world.github.reviews.list(place.number) : undefined
  const into = config !== undefined && reads?.has('merged') ? mergedInto(config, place.baseRef) : undefined
  const listing = into === undefined ? undefined : listMergedWork(world, into)
  const stored = readStored(world, place)
  for (const started of [checks, reviews, listing, stored]) started?.catch(() => {})
  return {
    checks,
    stored,
    ...(reviews !== undefined && { reviews }),
    ...(into !== undefined && listing !== undefined && { merged: { into, listing } }),
  }
}
