import { z } from 'zod'
import type { CommentKind, Comments, Reaction } from '../../ports/github.ts'
import type { GithubClient } from './client.ts'
import { cutText, MAX_COMMENT_CHARS } from './cut-text.ts'
import { isGithubCode } from './errors.ts'
import { commentReply, reactionReply } from './schema.ts'

export function commentsOf(client: GithubClient, names: { readonly owner: string; readonly repo: string }): Comments {
  const cut = (body: string) => cutText(body, MAX_COMMENT_CHARS)
  // The same reaction again answers the one that is there, so a lost reply is no loss.
  const react = (kind: CommentKind, id: number, reaction: Reaction) =>
    client.write(`POST ${reactionsPath(kind)}`, { ...names, comment_id: id, content: reaction }, reactionReply, {
      isRepeatable: true,
    })
  return {
    list: (number, since) =>
      client.list(
        'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
        { ...names, issue_number: number, ...(since !== undefined && { since }) },
        z.array(commentReply),
      ),
    listOnLines: (number, since) =>
      client.list(
        'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments',
        { ...names, pull_number: number, ...(since !== undefined && { since }) },
        z.array(commentReply),
      ),
    create: (number, body) =>
      client.write(
        'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
        { ...names, issue_number: number, body: cut(body) },
        commentReply,
        { kind: 'content' },
      ),
    async update(id, body) {
      await client.write(
        'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
        { ...names, comment_id: id, body: cut(body) },
        z.unknown(),
        { isRepeatable: true },
      )
    },
    async reply(number, reviewCommentId, body) {
      await client.write(
        'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies',
        { ...names, pull_number: number, comment_id: reviewCommentId, body: cut(body) },
        z.unknown(),
        { kind: 'content' },
      )
    },
    async react(kind, id, reaction) {
      await react(kind, id, reaction)
    },
    async unreact(kind, id, reaction) {
      const own = await react(kind, id, reaction)
      try {
        await client.write(
          `DELETE ${reactionsPath(kind)}/{reaction_id}`,
          { ...names, comment_id: id, reaction_id: own.id },
          z.unknown(),
          { isRepeatable: true },
        )
      } catch (error) {
        if (!isGithubCode(error, 'not-found')) throw error
      }
    },
    async listReactions(kind, id) {
      const found = await client.list(
        `GET ${reactionsPath(kind)}`,
        { ...names, comment_id: id },
        z.array(reactionReply),
      )
      return found.items.flatMap(({ user, content }) => (user === null ? [] : [{ login: user.login, content }]))
    },
  }
}

function reactionsPath(kind: CommentKind): string {
  return `/repos/{owner}/{repo}/${kind === 'issue' ? 'issues' : 'pulls'}/comments/{comment_id}/reactions`
}
