interface PullRequestFacts {
  readonly number?: number
  readonly headRef?: string
  readonly headSha: string
  readonly baseSha: string
  readonly body?: string
  readonly fork?: boolean
}

/** What GitHub puts into the event file of `pull_request`, reduced to what stands in every one. */
export function pullRequestEvent(facts: PullRequestFacts) {
  const { number = 1, headRef = 'topic', headSha, baseSha, body = '', fork = false } = facts
  return {
    action: 'opened',
    number,
    pull_request: {
      number,
      title: 'Shout',
      body,
      draft: false,
      user: { login: 'bob', type: 'User' },
      labels: [],
      assignees: [],
      head: { ref: headRef, sha: headSha, repo: { full_name: fork ? 'mallory/shop' : 'acme/shop' } },
      base: { ref: 'main', sha: baseSha, repo: { full_name: 'acme/shop' } },
    },
    repository: { full_name: 'acme/shop' },
    sender: { login: fork ? 'mallory' : 'bob' },
  }
}

export function commentEvent(body: string, login: string, number: number | null = 1) {
  return {
    action: 'created',
    issue: { number: number ?? 7, ...(number === null ? {} : { pull_request: { url: 'https://api.example' } }) },
    comment: { id: 1, body, user: { login, type: 'User' } },
    repository: { full_name: 'acme/shop' },
    sender: { login },
  }
}
