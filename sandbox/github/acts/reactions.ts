import { notFound } from '../api-error.ts'
import type { Actor } from '../state/account.ts'
import type { Reaction, ReactionContent, ReactionSubject } from '../state/conversation.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'

/** Adds a reaction; the same one by the same account is there already and is answered again. No webhook tells of it. */
export function react(
  world: World,
  repository: Repository,
  request: { subject: ReactionSubject; subjectId: number; content: ReactionContent; actor: Actor },
): { reaction: Reaction; isNew: boolean } {
  const { subject, subjectId, content, actor } = request
  const { login } = actor.account
  const known = listReactions(repository, subject, subjectId).find(
    (reaction) => reaction.login === login && reaction.content === content,
  )
  if (known !== undefined) return { reaction: known, isNew: false }
  const reaction: Reaction = { id: world.nextId(), subject, subjectId, login, content, createdAt: world.now() }
  repository.reactions.set(reaction.id, reaction)
  world.changed(repository)
  return { reaction, isNew: true }
}

export function listReactions(repository: Repository, subject: ReactionSubject, subjectId: number): Reaction[] {
  return [...repository.reactions.values()].filter(
    (reaction) => reaction.subject === subject && reaction.subjectId === subjectId,
  )
}

export function removeReaction(
  world: World,
  repository: Repository,
  wanted: { subject: ReactionSubject; subjectId: number; id: number },
): void {
  const reaction = repository.reactions.get(wanted.id)
  if (reaction?.subject !== wanted.subject || reaction.subjectId !== wanted.subjectId) throw notFound()
  repository.reactions.delete(reaction.id)
  world.changed(repository)
}
