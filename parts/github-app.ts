import { createGithubApp } from '../adapters/github/github-app.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import type { Environment } from '../config/environment.ts'
import type { GithubApp } from '../ports/github.ts'
import { httpFetch } from './http.ts'

/** The App that the environment names, for one question; null without its credentials. */
export function openGithubApp(environment: Environment): GithubApp | null {
  const { APP_ID: appId, PRIVATE_KEY: privateKey } = environment
  if (appId === undefined || privateKey === undefined) return null
  return createGithubApp({
    appId,
    privateKey: privateKey.reveal(),
    baseUrl: environment.GITHUB_API_URL,
    fetch: httpFetch as unknown as typeof fetch,
    clock: systemClock,
  })
}
