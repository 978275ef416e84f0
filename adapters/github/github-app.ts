import { z } from 'zod'
import { deliveryId, installationId, repositoryName } from '../../ports/ids.ts'
import type { FailedDelivery, GithubApp, GithubRepository, RepositoryRef } from '../../ports/github.ts'
import { type Log, silentLog } from '../../ports/log.ts'
import { signAppJwt } from './app-jwt.ts'
import { type ClientOptions, GithubClient } from './client.ts'
import { createEtagCache } from './etag-cache.ts'
import { InstallationTokens } from './installation-tokens.ts'
import { listDeliveries } from './deliveries.ts'
import { repositoryOf } from './repository.ts'
import { createThrottle, type Throttle } from './throttle.ts'

export interface GithubAppOptions extends Pick<ClientOptions, 'fetch' | 'baseUrl' | 'clock' | 'onCall'> {
  readonly appId: string | number
  /** PEM. */
  readonly privateKey: string
  readonly log?: Log
  /** Instead of one that keeps GitHub's limits. */
  readonly throttle?: Throttle
}

/** The App at GitHub, or at whatever answers at `baseUrl`. */
export function createGithubApp(options: GithubAppOptions): GithubApp {
  const { appId, privateKey, log = silentLog, throttle = createThrottle({ clock: options.clock }), ...rest } = options
  const shared = { ...rest, throttle, cache: createEtagCache() }
  // GitHub refuses a token that begins or ends at the wrong time by its clock: what it says the time is counts.
  let aheadMs = 0
  const app = new GithubClient({
    ...shared,
    authorization: async () => `Bearer ${signAppJwt(appId, privateKey, rest.clock.now() - aheadMs)}`,
    onDate: (dateMs) => {
      const apartMs = rest.clock.now() - dateMs
      aheadMs = Math.abs(apartMs) > TOLERATED_APART_MS ? apartMs : 0
    },
    owner: 'app',
  })
  const tokens = new InstallationTokens(app, rest.clock)
  const clients = new Map<number, GithubClient>()
  const clientOf = (id: RepositoryRef['installationId']) => {
    const known = clients.get(id)
    if (known !== undefined) return known
    const client = new GithubClient({
      ...shared,
      authorization: async (renew) => `token ${await tokens.get(id, renew)}`,
      owner: `installation ${id}`,
    })
    clients.set(id, client)
    return client
  }
  const repositories = new Map<string, GithubRepository>()

  return {
    identity: () =>
      app.once(
        'identity',
        async () => {
          const reply = await app.get('GET /app', {}, appReply)
          return { slug: reply.slug, login: `${reply.slug}[bot]`, permissions: reply.permissions }
        },
        IDENTITY_KEPT_MS,
      ),
    async listRepositories() {
      const installations = await app.list('GET /app/installations', {}, z.array(installationReply))
      const perInstallation = await Promise.all(
        installations.items
          .filter(({ suspended_at }) => suspended_at == null)
          .map(async ({ id }) => {
            const found = await clientOf(id).list('GET /installation/repositories', {}, repositoriesReply)
            return found.items.map(({ full_name }): RepositoryRef => ({ installationId: id, name: full_name }))
          }),
      )
      return perInstallation.flat()
    },
    async listFailedDeliveries(since) {
      const attempts = await listDeliveries(app, since)
      const succeeded = new Set(attempts.filter(isOk).map(({ guid }) => guid))
      const failed = new Map<string, FailedDelivery>()
      for (const attempt of attempts) {
        if (succeeded.has(attempt.guid) || failed.has(attempt.guid)) continue
        failed.set(attempt.guid, {
          id: attempt.id,
          deliveryId: deliveryId.parse(attempt.guid),
          event: attempt.event,
          deliveredAt: attempt.delivered_at,
        })
      }
      return [...failed.values()]
    },
    async redeliver(id) {
      await app.write('POST /app/hook/deliveries/{delivery_id}/attempts', { delivery_id: id }, z.unknown())
    },
    repository(ref) {
      const key = `${ref.installationId} ${ref.name}`
      const known = repositories.get(key)
      if (known !== undefined) return known
      const repository = repositoryOf(clientOf(ref.installationId), ref, log)
      repositories.set(key, repository)
      return repository
    },
  }
}

/** Replies date themselves in whole seconds, and take their time. */
const TOLERATED_APART_MS = 30_000
const IDENTITY_KEPT_MS = 3_600_000
const appReply = z.object({ slug: z.string(), permissions: z.record(z.string(), z.string()) })
const installationReply = z.object({ id: installationId, suspended_at: z.string().nullish() })
const repositoriesReply = z
  .object({ repositories: z.array(z.object({ full_name: repositoryName })) })
  .transform(({ repositories }) => repositories)

function isOk({ status_code }: { readonly status_code: number }): boolean {
  return status_code >= 200 && status_code < 300
}
