import { z } from 'zod'
import type { InlineComment, Reviews, ReviewThread } from '../../ports/github.ts'
import type { GithubClient } from './client.ts'
import { cutText, MAX_COMMENT_CHARS } from './cut-text.ts'
import { graphql } from './graphql.ts'
import { reviewReply } from './schema.ts'

export function reviewsOf(client: GithubClient, names: { readonly owner: string; readonly repo: string }): Reviews {
  return {
    list: (number) =>
      client.list(
        'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
        { ...names, pull_number: number },
        z.array(reviewReply),
      ),
    async create(number, review) {
      const reply = await client.write(
        'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
        {
          ...names,
          pull_number: number,
          commit_id: review.commitSha,
          event: 'COMMENT',
          body: cutText(review.body, MAX_COMMENT_CHARS),
          comments: review.comments.map(inlineBody),
        },
        z.object({ id: z.number(), html_url: z.string() }),
        { kind: 'content' },
      )
      return { id: reply.id, htmlUrl: reply.html_url }
    },
    async listThreads(number) {
      const items: ReviewThread[] = []
      let cursor: string | null = null
      for (let page = 0; page < MAX_THREAD_PAGES; page++) {
        const reply: z.infer<typeof threadsReply> = await graphql(
          client,
          THREADS,
          { owner: names.owner, name: names.repo, number, cursor },
          threadsReply,
        )
        const threads = reply.repository.pullRequest.reviewThreads
        for (const thread of threads.nodes) {
          items.push({
            id: thread.id,
            isResolved: thread.isResolved,
            path: thread.path,
            comments: thread.comments.nodes.map((comment) => ({
              id: comment.databaseId,
              author: comment.author?.login ?? null,
              body: comment.body,
            })),
          })
        }
        if (!threads.pageInfo.hasNextPage) return { items, complete: true }
        cursor = threads.pageInfo.endCursor
      }
      return { items, complete: false }
    },
    async resolveThread(threadId) {
      await graphql(client, RESOLVE, { threadId }, z.unknown())
    },
  }
}

const MAX_THREAD_PAGES = 20

function inlineBody(comment: InlineComment) {
  const { startLine } = comment
  return {
    path: comment.path,
    line: comment.line,
    side: comment.side,
    ...(startLine !== undefined && startLine < comment.line && { start_line: startLine, start_side: comment.side }),
    body: cutText(comment.body, MAX_COMMENT_CHARS),
  }
}

const threadsReply = z.object({
  repository: z.object({
    pullRequest: z.object({
      reviewThreads: z.object({
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
        nodes: z.array(
          z.object({
            id: z.string(),
            isResolved: z.boolean(),
            path: z.string(),
            comments: z.object({
              nodes: z.array(
                z.object({
                  databaseId: z.number(),
                  body: z.string(),
                  author: z.object({ login: z.string() }).nullish(),
                }),
              ),
            }),
          }),
        ),
      }),
    }),
  }),
})

const THREADS = `query($owner: String!, $name: String!, $number: Int!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $cursor) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          isResolved
          path
          comments(first: 50) { nodes { databaseId body author { login } } }
        }
      }
    }
  }
}`

const RESOLVE = `mutation($threadId: ID!) {
  resolveReviewThread(input: {threadId: $threadId}) { thread { id isResolved } }
}`
