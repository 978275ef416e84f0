import { isCodedError } from '../../ports/errors.ts'
import type { Comments, Reaction } from '../../ports/github.ts'
import type { Log } from '../../ports/log.ts'
import type { SpokenComment } from '../webhooks/intent.ts'

/** Answers one comment: reactions on it, a reply below it. */
export interface Responder {
  react(reaction: Reaction): Promise<void>
  /** At most one reply to a comment is written; it names the comment, so that it is found again. */
  reply(body: string): Promise<void>
  /** Whether `login` has replied, by a comment whose answer was lost or in a process that died after it. */
  hasReplied(login: string): Promise<boolean>
}

/** GitHub's clock and the comment's are one, but lists count whole seconds. */
const EARLIER_MS = 60_000

export function createResponder(comments: Comments, number: number, comment: SpokenComment, log: Log): Responder {
  const marker = `<!-- devloop:reply:${comment.kind}:${comment.id} -->`
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
      const marked = `${marker}\n${body}`
      if (comment.kind === 'review') await comments.reply(number, comment.id, marked)
      else await comments.create(number, marked)
    },
    async hasReplied(login) {
      const since = new Date(Date.parse(comment.createdAt) - EARLIER_MS).toISOString()
      const { items } =
        comment.kind === 'review' ? await comments.listOnLines(number, since) : await comments.list(number, since)
      return items.some(({ author, body }) => author?.login === login && body.includes(marker))
    },
  }
}
