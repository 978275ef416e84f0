import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAppFromFile } from '../../sandbox/github/create-app-from-file.ts'
import { type GithubSandbox, startGithub } from '../../sandbox/github/github-sandbox.ts'
import { type EmulatedRunpod, startRunpod } from '../../sandbox/runpod/start.ts'
import type { OwnChange } from './own-change.ts'
import { seedOrders } from './seed-orders.ts'
import { seedOwnRepository } from './seed-own.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const SANDBOX_SECRET = 'sandbox-webhook-secret'

/** A pull request that waits for its review, and the person who asks for it. */
export interface DemoChange {
  readonly repository: string
  readonly number: number
  readonly asker: string
}

export interface DemoWorld {
  readonly github: GithubSandbox
  readonly runpod: EmulatedRunpod
  readonly folder: string
  readonly change: DemoChange
  /** Points the product at the sandbox. */
  readonly variables: Readonly<Record<string, string>>
  setWebhookUrl(url: string): void
  stop(): Promise<void>
}

/** GitHub and RunPod on this machine, with an App installed and a pull request opened; pods are local processes with the real guard. */
export async function startDemoWorld(own: OwnChange | undefined): Promise<DemoWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'devloop-demo-'))
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async () => {
    for (const end of stops.toReversed()) await end()
  }
  try {
    const github = await startGithub({ dataDir: join(folder, 'github') })
    stops.push(() => github.stop())
    const runpod = await startRunpod({ podRuntime: 'process' })
    stops.push(() => runpod.stop())
    github.createUser('ada', { name: 'Ada' })
    github.createUser('bob', { name: 'Bob' })
    github.createOrganization('acme', { members: { ada: 'admin', bob: 'member' } })
    const registration = await createAppFromFile(github, join(ROOT, 'app.yml'), {
      ownerLogin: 'acme',
      webhookSecret: SANDBOX_SECRET,
    })
    const orders = await seedOrders(github)
    const change = own === undefined ? orders : await seedOwnRepository(github, own)
    github.installApp(registration, 'acme')
    return {
      github,
      runpod,
      folder,
      change,
      variables: {
        APP_ID: String(registration.id),
        PRIVATE_KEY: registration.privateKeyPem,
        WEBHOOK_SECRET: SANDBOX_SECRET,
        CLIENT_ID: registration.clientId,
        CLIENT_SECRET: registration.clientSecret,
        GITHUB_API_URL: github.url,
        GITHUB_WEB_URL: github.webUrl,
        RUNPOD_API_URL: runpod.url,
        RUNPOD_PROXY_URL: runpod.proxyUrl,
        RUNPOD_API_KEY: runpod.apiKey,
        DEVLOOP_DATA: join(folder, 'data'),
        DEVLOOP_ENGINE: 'runpod',
      },
      setWebhookUrl: (url) => github.setWebhookUrl(registration, url),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
