import { installationId, repositoryName } from '../../ports/ids.ts'
import type { GithubRepository } from '../../ports/github.ts'
import { type Log, silentLog } from '../../ports/log.ts'
import { type ClientOptions, GithubClient } from './client.ts'
import { createEtagCache } from './etag-cache.ts'
import { repositoryOf } from './repository.ts'
import { createThrottle } from './throttle.ts'

export interface UserTokenOptions extends Pick<ClientOptions, 'fetch' | 'baseUrl' | 'clock' | 'onCall'> {
  readonly token: string
  /** `owner/name`. */
  readonly repository: string
  readonly log?: Log
}

/** The repository as a plain token sees it: the Action's `GITHUB_TOKEN`, or a person's. `ref.installationId` is 1 and means nothing. */
export function createUserTokenRepository(options: UserTokenOptions): GithubRepository {
  const { token, repository, log = silentLog, ...rest } = options
  const client = new GithubClient({
    ...rest,
    throttle: createThrottle({ clock: rest.clock }),
    cache: createEtagCache(),
    authorization: async () => `Bearer ${token}`,
    owner: 'token',
  })
  return repositoryOf(client, { installationId: installationId.parse(1), name: repositoryName.parse(repository) }, log)
}
