import type { PullRequestView } from '../../ports/github.ts'
import type { CommitSha, RepositoryName } from '../../ports/ids.ts'
import type { FactStore } from '../../ports/store.ts'
import { pullRequestEvents } from './event-facts.ts'
import { factKeys } from './fact-keys.ts'

/** Where a pull request stands. Nearly all that is read for a verdict hangs on these three alone. */
export interface Place {
  readonly number: number
  readonly headSha: CommitSha
  readonly baseRef: string
}

export function placeOf({ number, headSha, baseRef }: PullRequestView): Place {
  return { number, headSha, baseRef }
}

export function isSamePlace(one: Place, other: Place): boolean {
  return one.number === other.number && one.headSha === other.headSha && one.baseRef === other.baseRef
}

/** Where the latest event said the pull request stands: a guess, with which reading can begin at once. */
export async function guessPlace(facts: FactStore, name: RepositoryName, number: number): Promise<Place | undefined> {
  const place = pullRequestEvents.safeParse(await facts.get(factKeys.pushers(name, number))).data?.place ?? null
  return place === null ? undefined : { number, headSha: place.headSha, baseRef: place.baseRef }
}
