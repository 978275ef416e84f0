import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { GithubSandbox } from '../../sandbox/github/github-sandbox.ts'
import { PEERS } from '../report/peers.ts'
import type { OpenChange } from './open-change.ts'

/** Whose token Danger has. */
export const DANGER_LOGIN = 'danger-bot'

const DANGER = join(PEERS, 'node_modules/danger/distribution/commands/danger.js')

/** Starts `danger ci` on a pull request as a CI would, and answers how long it took until it had ended. */
export async function runDanger(
  github: GithubSandbox,
  { name, number }: OpenChange,
  dangerfile: 'dangerfile.js' | 'dangerfile-empty.js',
): Promise<number> {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    DANGER_FAKE_CI: 'YEP',
    DANGER_TEST_REPO: name,
    DANGER_TEST_PR: String(number),
    DANGER_GITHUB_API_TOKEN: github.createPersonalToken(DANGER_LOGIN),
    DANGER_GITHUB_API_BASE_URL: github.url,
  }
  const startedAt = performance.now()
  const child = spawn(process.execPath, [DANGER, 'ci', '--dangerfile', join(import.meta.dirname, dangerfile)], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 120_000,
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`danger ci ended with ${code}: ${said.slice(-500)}`)
  return performance.now() - startedAt
}
