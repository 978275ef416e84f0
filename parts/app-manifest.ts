import { z } from 'zod'
import { CodedError } from '../ports/errors.ts'
import { httpFetch } from './http.ts'

export class SetupError extends CodedError<'refused' | 'unreachable'> {}

const conversion = z.object({
  id: z.number(),
  slug: z.string(),
  html_url: z.string(),
  pem: z.string(),
  webhook_secret: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
})
export type NewApp = z.output<typeof conversion>

const TIMEOUT_MS = 20_000

/** Exchanges the code of a manifest, good once and for an hour, for the App's credentials. Throws `SetupError`. */
export async function convertManifest(apiUrl: string, code: string): Promise<NewApp> {
  const url = `${apiUrl.replace(/\/+$/, '')}/app-manifests/${encodeURIComponent(code)}/conversions`
  const headers = { accept: 'application/vnd.github+json', 'user-agent': 'devloop' }
  const answer = await httpFetch(url, { method: 'POST', headers, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    (cause: unknown) => {
      throw new SetupError({
        code: 'unreachable',
        owner: 'operator',
        message: `GitHub gave no answer at ${apiUrl}.`,
        remedy: 'Check the network and GITHUB_API_URL, then create the App again.',
        cause,
      })
    },
  )
  const parsed = conversion.safeParse(await answer.json().catch(() => null))
  if (answer.ok && parsed.success) return parsed.data
  throw new SetupError({
    code: 'refused',
    owner: 'user',
    message: `GitHub did not hand out the credentials of the new App (${answer.status}).`,
    remedy: 'A code works once and for one hour: create the App again.',
  })
}
