import { z } from 'zod'
import type { Issues } from '../../ports/github.ts'
import type { GithubClient } from './client.ts'
import { graphql } from './graphql.ts'
import { issueReply } from './schema.ts'

export function issuesOf(client: GithubClient, names: { readonly owner: string; readonly repo: string }): Issues {
  return {
    get: (number) =>
      client.get('GET /repos/{owner}/{repo}/issues/{issue_number}', { ...names, issue_number: number }, issueReply),
    async listClosing(pullRequest) {
      const reply = await graphql(
        client,
        CLOSING,
        { owner: names.owner, name: names.repo, number: pullRequest },
        closingReply,
      )
      return reply.repository.pullRequest.closingIssuesReferences.nodes
    },
  }
}

const closingReply = z.object({
  repository: z.object({
    pullRequest: z.object({ closingIssuesReferences: z.object({ nodes: z.array(issueReply) }) }),
  }),
})

const CLOSING = `query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      closingIssuesReferences(first: 20) { nodes { number title body state } }
    }
  }
}`
