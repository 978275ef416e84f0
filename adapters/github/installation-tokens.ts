import { z } from 'zod'
import type { Clock } from '../../ports/clock.ts'
import type { InstallationId } from '../../ports/ids.ts'
import type { GithubClient } from './client.ts'

/** Given up this long before GitHub does, so that no call starts with a token that ends under way. */
const EARLY_MS = 5 * 60_000

/** Installation tokens, asked for once per hour and installation; callers in flight share one request. */
export class InstallationTokens {
  readonly #app: GithubClient
  readonly #clock: Clock
  readonly #known = new Map<InstallationId, { readonly token: string; readonly until: number }>()
  readonly #asked = new Map<InstallationId, Promise<string>>()

  constructor(app: GithubClient, clock: Clock) {
    this.#app = app
    this.#clock = clock
  }

  async get(id: InstallationId, renew: boolean): Promise<string> {
    const known = this.#known.get(id)
    if (!renew && known !== undefined && known.until > this.#clock.now()) return known.token
    const asked = this.#asked.get(id) ?? this.#ask(id).finally(() => this.#asked.delete(id))
    this.#asked.set(id, asked)
    return asked
  }

  async #ask(id: InstallationId): Promise<string> {
    const reply = await this.#app.write(
      'POST /app/installations/{installation_id}/access_tokens',
      { installation_id: id },
      z.object({ token: z.string(), expires_at: z.string() }),
      { isRepeatable: true },
    )
    this.#known.set(id, { token: reply.token, until: Date.parse(reply.expires_at) - EARLY_MS })
    return reply.token
  }
}
