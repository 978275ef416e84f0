import { execFile } from 'node:child_process'
import type { GuardSettings } from './settings.ts'

export interface RemovalAttempt {
  readonly way: 'delete' | 'stop' | 'runpodctl'
  readonly outcome: string
}

const attemptMs = 20_000

/**
 * One round of taking this pod away: delete it, else stop it, else the vendor's own tool. Which of them a
 * pod-scoped key may do is not documented, so all are tried. Never throws.
 */
export async function removeSelf(settings: GuardSettings): Promise<readonly RemovalAttempt[]> {
  const attempts: RemovalAttempt[] = []
  const { podId, apiKey, apiUrl } = settings
  if (podId !== null && apiKey !== null) {
    const address = `${apiUrl}/pods/${encodeURIComponent(podId)}`
    const deleted = await call(address, 'DELETE', apiKey)
    attempts.push({ way: 'delete', outcome: deleted })
    if (/^2/.test(deleted)) return attempts
    const stopped = await call(`${address}/action`, 'POST', apiKey, { action: 'stop' })
    attempts.push({ way: 'stop', outcome: stopped })
    if (/^2/.test(stopped)) return attempts
  }
  if (podId !== null) attempts.push({ way: 'runpodctl', outcome: await runTool(podId) })
  return attempts
}

async function call(url: string, method: string, apiKey: string, body?: unknown): Promise<string> {
  try {
    const reply = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(attemptMs),
    })
    await reply.body?.cancel()
    return String(reply.status)
  } catch (problem) {
    return problem instanceof Error ? problem.name : 'failed'
  }
}

function runTool(podId: string): Promise<string> {
  return new Promise((resolve) => {
    execFile('runpodctl', ['remove', 'pod', podId], { timeout: attemptMs }, (error) => {
      resolve(error === null ? 'done' : `failed (${error.code ?? 'killed'})`)
    })
  })
}
