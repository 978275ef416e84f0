import { isCodedError } from '../../ports/errors.ts'
import type { Comments, Reaction } from '../../ports/github.ts'
import type { Log } from '../../ports/log.ts'
import type { SpokenComment } from '../webhooks/intent.ts'

/** Answers one comment: reactions on it, replies below it. */
export interface Responder {
  react(reaction: Reaction): Promise<void>
  reply(body: string): Promise<void>
}

export function createResponder(comments: Comments, number: number, comment: SpokenComment, log: Log): Responder {
  return {
    /** A reaction is a courtesy: one that fails must not stop the work. */
    async react(reaction) {
      try {
        await comments.react(comment.kind, comment.id, reaction)
      } catch (error) {
        if (!isCodedError(error)) throw error
        log.warn({ comment: comment.id, reaction, code: error.code }, 'a reaction could not be set')
      }
    },
    async reply(body) {
      if (comment.kind === 'review') await comments.reply(number, comment.id, body)
      else await comments.create(number, body)
    },
  }
}
