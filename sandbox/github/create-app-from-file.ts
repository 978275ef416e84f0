import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import type { GithubSandbox } from './github-sandbox.ts'
import type { AppRegistration } from './state/app-registration.ts'

const manifestShape = z.looseObject({
  name: z.string().min(1),
  default_permissions: z.record(z.string(), z.enum(['read', 'write', 'admin'])),
  default_events: z.array(z.string()),
})

/** The App that a manifest file (YAML or JSON) describes, owned by somebody who is there already. */
export async function createAppFromFile(
  github: GithubSandbox,
  file: string,
  { ownerLogin, webhookSecret }: { readonly ownerLogin: string; readonly webhookSecret: string },
): Promise<AppRegistration> {
  const manifest = manifestShape.parse(parse(await readFile(file, 'utf8')))
  return github.createApp({
    name: manifest.name,
    ownerLogin,
    permissions: manifest.default_permissions,
    events: manifest.default_events,
    webhookSecret,
  })
}
