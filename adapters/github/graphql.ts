import { z } from 'zod'
import { GithubError } from '../../ports/errors.ts'
import type { GithubClient, Parameters } from './client.ts'

/** One GraphQL call. Errors come with status 200 there, and are thrown here like all others. */
export async function graphql<T>(
  client: GithubClient,
  query: string,
  variables: Parameters,
  answer: z.ZodType<T>,
  isRepeatable = true,
): Promise<T> {
  const envelope = z.object({
    data: z.unknown(),
    errors: z.array(z.object({ type: z.string().nullish(), message: z.string() })).nullish(),
  })
  const reply = await client.write(`POST ${graphqlUrl(client.options.baseUrl)}`, { query, variables }, envelope, {
    isRepeatable,
  })
  const [first] = reply.errors ?? []
  if (first !== undefined) throw graphqlError(first)
  const parsed = answer.safeParse(reply.data)
  if (parsed.success) return parsed.data
  throw new GithubError({
    code: 'unreadable',
    message: 'A GraphQL call was answered with something that cannot be read.',
    remedy: 'Try again; report it if it lasts.',
    owner: 'retry',
    cause: parsed.error,
  })
}

/** GitHub Enterprise serves REST at /api/v3 and GraphQL at /api/graphql. */
function graphqlUrl(baseUrl: string): string {
  return `${baseUrl.replace(/\/api\/v3$/, '/api')}/graphql`
}

function graphqlError(error: { readonly type?: string | null | undefined; readonly message: string }): GithubError {
  const codes = { NOT_FOUND: 'not-found', FORBIDDEN: 'forbidden', RATE_LIMITED: 'rate-limited' } as const
  const code = codes[error.type as keyof typeof codes] ?? 'invalid'
  return new GithubError({
    code,
    message: `A GraphQL call failed: ${error.message.slice(0, 300)}.`,
    remedy: code === 'rate-limited' ? 'Wait until GitHub allows more requests.' : 'Check the permissions of the App.',
    owner: code === 'rate-limited' ? 'retry' : 'operator',
    ...(code === 'rate-limited' && { retryAfterMs: 60_000 }),
  })
}
