import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createAppFromFile } from '../../sandbox/github/create-app-from-file.ts'
import { type GithubSandbox, startGithub } from '../../sandbox/github/github-sandbox.ts'
import type { AppRegistration } from '../../sandbox/github/state/app-registration.ts'
import { DANGER_LOGIN } from './run-danger.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface ChecksWorld {
  readonly github: GithubSandbox
  readonly registration: AppRegistration
  readonly folder: string
  /** The real server with its embedded database, as a process of its own that hears every webhook from now on. */
  startServer(): Promise<void>
  stop(): Promise<void>
}

/**
 * A GitHub with the App of `app.yml` in the organization acme; it does not judge by GitHub's documents, so that it answers fast, and lets
 * everybody be as fast as they are.
 */
export async function startChecksWorld(): Promise<ChecksWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'devloop-bench-'))
  const github = await startGithub({ dataDir: join(folder, 'github'), judge: false, secondaryLimits: false })
  for (const login of ['ada', 'bob', DANGER_LOGIN]) github.createUser(login)
  github.createOrganization('acme', { members: { ada: 'admin' } })
  const registration = await createAppFromFile(github, join(ROOT, 'app.yml'), {
    ownerLogin: 'acme',
    webhookSecret: 'bench-webhook-secret',
  })
  github.installApp(registration, 'acme')
  let end = async () => {}
  return {
    github,
    registration,
    folder,
    async startServer() {
      const child = spawn(process.execPath, [...process.execArgv, join(import.meta.dirname, 'server.ts')], {
        env: {
          ...process.env,
          APP_ID: String(registration.id),
          PRIVATE_KEY: registration.privateKeyPem,
          WEBHOOK_SECRET: registration.webhookSecret ?? '',
          GITHUB_API_URL: github.url,
          DEVLOOP_DATA: join(folder, 'data'),
          // Nothing here asks a model.
          DEVLOOP_ENGINE: 'http://127.0.0.1:9',
          HOST: '127.0.0.1',
          PORT: '0',
          LOG_LEVEL: 'error',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit')
      end = async () => {
        child.kill('SIGTERM')
        await ended
      }
      const [url] = await Promise.race([
        once(createInterface({ input: child.stdout }), 'line'),
        ended.then(([code]) => Promise.reject(new Error(`The server ended with ${code} before it listened.`))),
      ])
      github.setWebhookUrl(registration, `${url}/api/github/webhooks`)
    },
    async stop() {
      await end()
      await github.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
