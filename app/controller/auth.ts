import type { MiddlewareHandler } from 'hono'
import type { ApiKeyRow, KeyScope } from '../../ports/store.ts'
import { RequestRefused } from './problem.ts'

/** What every route of the controller can read from its context. */
export interface ControllerEnv {
  Variables: { requestId: string; key: ApiKeyRow }
}

/** Refuses a request without a known key (401) or without the scope (403). */
export function requireScope(
  scope: KeyScope,
  findKey: (key: string) => Promise<ApiKeyRow | undefined>,
): MiddlewareHandler<ControllerEnv> {
  return async (context, next) => {
    const header = context.req.header('authorization') ?? ''
    const [scheme = '', token = ''] = header.split(' ', 2)
    const key = scheme.toLowerCase() === 'bearer' ? await findKey(token.trim()) : undefined
    if (!key) {
      throw new RequestRefused(
        401,
        'unauthorized',
        'The request carries no key that this controller knows.',
        'Send `Authorization: Bearer <key>`; `devloop keys create` makes one.',
      )
    }
    if (!key.scopes.includes(scope)) {
      throw new RequestRefused(
        403,
        'missing-scope',
        `The key "${key.name}" has the scopes ${key.scopes.join(', ')}; this route needs ${scope}.`,
        `Make a key with \`devloop keys create NAME --scope ${scope}\`.`,
      )
    }
    context.set('key', key)
    await next()
  }
}
