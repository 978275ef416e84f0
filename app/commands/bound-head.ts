import { pullRequestEvents } from '../../jobs/snapshot/event-facts.ts'
import { factKeys } from '../../jobs/snapshot/fact-keys.ts'
import { type CommitSha, commitSha } from '../../ports/ids.ts'
import type { FactStore } from '../../ports/store.ts'
import type { Context } from './heard.ts'

/**
 * The head the speaker could see. On a fork the author may push something else between a maintainer's command and its execution; a
 * branch of the repository is written by people who may spend anyway.
 */
export async function headAtComment(facts: FactStore, context: Context): Promise<CommitSha> {
  const { pullRequest, repository, number, comment } = context
  const isFork = pullRequest.headRepository !== repository.name
  if (!isFork) return pullRequest.headSha
  const known = pullRequestEvents.safeParse(await facts.get(factKeys.pushers(repository.name, number)))
  const heads = known.data?.heads ?? []
  // GitHub's times end at whole seconds, so a push within the same second counts as later.
  const spokenAt = Date.parse(comment.createdAt)
  const seen = heads.filter(({ at }) => at <= spokenAt).sort((a, b) => b.at - a.at)[0]
  const current = heads.find(({ sha }) => sha === pullRequest.headSha)
  if (current !== undefined && current.at > spokenAt) return seen?.sha ?? NO_HEAD
  return pullRequest.headSha
}

/** Stands for a head nobody recorded: it is equal to none. */
const NO_HEAD = commitSha.parse('0'.repeat(40))
