import { createUserTokenRepository } from '../adapters/github/user-token.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import type { GithubRepository } from '../ports/github.ts'

/** A repository as a plain token sees it: a workflow's `GITHUB_TOKEN`. */
export function openTokenRepository(wish: {
  readonly apiUrl: string
  readonly token: string
  /** `owner/name`. */
  readonly repository: string
}): GithubRepository {
  const { apiUrl, token, repository } = wish
  return createUserTokenRepository({
    fetch,
    baseUrl: apiUrl.replace(/\/+$/, ''),
    clock: systemClock,
    token,
    repository,
  })
}
