import { z } from 'zod'
import { ModelError } from '../../../ports/errors.ts'
import type { ApiKeyRow } from '../../../ports/store.ts'
import type { GatewayParts } from './call.ts'

const PASS_THROUGH_MS = 5_000

const tagsSchema = z.object({ models: z.array(z.looseObject({ name: z.string() })) })
type ModelEntry = { readonly name: string } & Readonly<Record<string, unknown>>

/**
 * Models on the warm engine, and those that would be rented for; of a fixed engine those that it has. Looking at a list rents nothing.
 */
export async function listModels(parts: GatewayParts, key: ApiKeyRow): Promise<readonly ModelEntry[]> {
  const answer = await passThrough(parts, '/api/tags', AbortSignal.timeout(PASS_THROUGH_MS), { models: [] })
  const listed = tagsSchema.safeParse(await answer.json().catch(() => undefined))
  const onDisk: readonly ModelEntry[] = listed.success ? listed.data.models : []
  const rentable = parts.fixedEngine === null ? parts.offeredModels : []
  const offered = rentable.filter((tag) => !onDisk.some((entry) => entry.name === tag))
  const all = [
    ...onDisk,
    ...offered.map((tag) => ({
      name: tag,
      model: tag,
      modified_at: new Date(0).toISOString(),
      size: 0,
      digest: '',
      details: {},
    })),
  ]
  return key.models === null ? all : all.filter((entry) => key.models?.includes(entry.name))
}

/** A plain GET to the fixed or the warm engine; without one, what is known without renting. */
export async function passThrough(
  parts: GatewayParts,
  path: '/api/tags' | '/api/version',
  signal: AbortSignal,
  fallback: Readonly<Record<string, unknown>>,
): Promise<Response> {
  const address = parts.fixedEngine ?? parts.share.peek()?.address
  if (address === undefined) return Response.json(fallback)
  const { url, token } = address
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
  const answer = await parts.fetch(`${url}${path}`, { headers, signal, redirect: 'error' }).catch((cause: unknown) => {
    throw new ModelError({
      code: 'not-ready',
      owner: 'operator',
      message: 'The engine was asked what it has, and does not answer.',
      remedy: 'Try again; if it lasts, see that it runs where DEVLOOP_ENGINE says.',
      cause,
    })
  })
  return new Response(answer.body, {
    status: answer.status,
    headers: { 'content-type': answer.headers.get('content-type') ?? 'application/json' },
  })
}
