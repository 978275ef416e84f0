import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAppFromFile } from '../../github/create-app-from-file.ts'
import { type GithubOptions, type GithubSandbox, startGithub } from '../../github/github-sandbox.ts'
import type { AppRegistration, Installation } from '../../github/state/app-registration.ts'
import type { RunpodOptions } from '../../runpod/settings.ts'
import { type EmulatedRunpod, startRunpod } from '../../runpod/start.ts'

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))

export interface SandboxWorld {
  readonly github: GithubSandbox
  readonly runpod: EmulatedRunpod
  readonly registration: AppRegistration
  readonly installation: Installation
  readonly folder: string
  /** Points the product at the sandbox; its data lies in `folder`. */
  readonly variables: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/**
 * A strict GitHub with the App of `app.yml` in the organization acme (ada owns it, bob and cleo write, eve only reads), and a RunPod
 * account.
 */
export async function startSandboxWorld(
  options: RunpodOptions & Pick<GithubOptions, 'secondaryLimits'> = {},
): Promise<SandboxWorld> {
  const { secondaryLimits = true, ...runpodOptions } = options
  const folder = await mkdtemp(join(tmpdir(), 'devloop-e2e-'))
  const github = await startGithub({ dataDir: join(folder, 'github'), secondaryLimits })
  const runpod = await startRunpod({ podRuntime: 'light', ...runpodOptions })
  for (const login of ['ada', 'bob', 'cleo', 'eve']) github.createUser(login)
  github.createOrganization('acme', { members: { ada: 'admin' } })
  const registration = await createAppFromFile(github, join(ROOT, 'app.yml'), {
    ownerLogin: 'acme',
    webhookSecret: 'sandbox-webhook-secret',
  })
  const installation = github.installApp(registration, 'acme')
  return {
    github,
    runpod,
    registration,
    installation,
    folder,
    variables: {
      APP_ID: String(registration.id),
      PRIVATE_KEY: registration.privateKeyPem,
      WEBHOOK_SECRET: registration.webhookSecret ?? '',
      GITHUB_API_URL: github.url,
      RUNPOD_API_URL: runpod.url,
      RUNPOD_PROXY_URL: runpod.proxyUrl,
      RUNPOD_API_KEY: runpod.apiKey,
      DEVLOOP_DATA: join(folder, 'data'),
      DEVLOOP_ENGINE: 'runpod',
      HOST: '127.0.0.1',
      PORT: '0',
    },
    async stop() {
      await github.stop()
      await runpod.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
