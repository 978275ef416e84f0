import type { ReviewThread } from '../state/conversation.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'

/** The review thread with this global id, wherever it is. */
export function findThread(world: World, id: string): { repository: Repository; thread: ReviewThread } | undefined {
  for (const repository of world.repositories.values()) {
    for (const thread of repository.threads.values()) if (thread.nodeId === id) return { repository, thread }
  }
  return undefined
}
