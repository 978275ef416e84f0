import { readEnvironment } from '../parts/read-environment.ts'
import { withoutSecrets } from '../ports/without-secrets.ts'
import { CliError } from './error.ts'
import type { CliWorld } from './world.ts'

const TIMEOUT_MS = 150_000

/** Calls the controller that `CONTROLLER_URL` and `CONTROLLER_KEY` name. */
export async function callController(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body: unknown,
  world: CliWorld,
): Promise<unknown> {
  const { CONTROLLER_URL: url, CONTROLLER_KEY: key } = readEnvironment(world.env, world.cwd)
  if (url === undefined || key === undefined) {
    throw new CliError({
      code: 'missing-credentials',
      owner: 'user',
      message: 'This command asks a running server, but CONTROLLER_URL and CONTROLLER_KEY are not both set.',
      remedy: 'Set them to the address of the server and a key of `devloop keys create NAME --scope control`.',
    })
  }
  const signal = AbortSignal.any([world.signal, AbortSignal.timeout(TIMEOUT_MS)])
  const headers = { authorization: `Bearer ${key.reveal()}`, 'content-type': 'application/json' }
  let answer: Response
  try {
    answer = await fetch(`${url}${path}`, {
      method,
      headers,
      signal,
      redirect: 'error',
      ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
    })
  } catch (cause) {
    throw new CliError({
      code: 'not-found',
      owner: 'operator',
      message: `No controller answers at ${url}.`,
      remedy: 'Start it with `devloop serve`.',
      cause,
    })
  }
  const parsed: unknown = await answer.json().catch(() => undefined)
  if (answer.ok) return parsed
  const { detail, remedy } = problemOf(parsed)
  throw new CliError({
    code: answer.status === 401 || answer.status === 403 ? 'missing-credentials' : 'not-found',
    owner: answer.status < 500 ? 'user' : 'operator',
    message: withoutSecrets(detail ?? `The controller at ${url} answered ${answer.status}.`, [key.reveal()]),
    remedy: withoutSecrets(remedy ?? 'Look at its log.', [key.reveal()]),
  })
}

function problemOf(value: unknown): { readonly detail?: string; readonly remedy?: string } {
  if (typeof value !== 'object' || value === null) return {}
  const detail = 'detail' in value && typeof value.detail === 'string' ? { detail: value.detail } : {}
  const remedy = 'remedy' in value && typeof value.remedy === 'string' ? { remedy: value.remedy } : {}
  return { ...detail, ...remedy }
}
