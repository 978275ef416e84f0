import { z } from 'zod'
import { notFound, validationFailed } from '../api-error.ts'
import { registerApp } from '../acts/registrations.ts'
import { renderApp } from '../render/render-app.ts'
import { emitPing } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { created } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const manifestShape = z.looseObject({
  name: z.string().min(1),
  url: z.string(),
  description: z.string().optional(),
  hook_attributes: z.looseObject({ url: z.string() }).optional(),
  redirect_url: z.string().optional(),
  default_permissions: z.record(z.string(), z.enum(['read', 'write', 'admin'])).optional(),
  default_events: z.array(z.string()).optional(),
})
const storedShape = z.object({ ownerLogin: z.string(), manifest: manifestShape })

/** Keeps a manifest that a person submitted; answers the code it can be exchanged for, once. */
export function storeManifest(
  world: World,
  ownerLogin: string,
  manifest: unknown,
): { code: string; redirectUrl: string | undefined } {
  const parsed = manifestShape.safeParse(manifest)
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') ?? 'manifest'
    throw validationFailed({ resource: 'Integration', code: 'invalid', field })
  }
  const code = world.randomHex(40)
  world.codes.set(code, { kind: 'manifest', value: JSON.stringify({ ownerLogin, manifest: parsed.data }) })
  return { code, redirectUrl: parsed.data.redirect_url }
}

function convert(call: Call): Reply {
  const { world } = call
  const stored = world.codes.get(call.param('code'))
  if (stored?.kind !== 'manifest') throw notFound()
  world.codes.delete(call.param('code'))
  const { ownerLogin, manifest } = storedShape.parse(JSON.parse(stored.value))
  const registration = registerApp(world, {
    name: manifest.name,
    ownerLogin,
    permissions: manifest.default_permissions ?? {},
    events: manifest.default_events ?? [],
    webhookUrl: manifest.hook_attributes?.url,
    externalUrl: manifest.url,
    description: manifest.description,
  })
  emitPing(world, registration)
  return created({
    ...renderApp(world, registration),
    client_id: registration.clientId,
    client_secret: registration.clientSecret,
    webhook_secret: registration.webhookSecret,
    pem: registration.privateKeyPem,
  })
}

export const manifestRoutes: readonly Route[] = [
  { name: 'POST /app-manifests/{code}/conversions', access: { for: 'anyone' }, handle: convert },
]
