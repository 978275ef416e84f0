import { z } from 'zod'
import { withoutSecrets } from '../ports/without-secrets.ts'
import { ActionError } from './error.ts'

const answer = z.object({
  id: z.string(),
  model: z.string(),
  output: z.string(),
  usage: z.object({ promptTokens: z.number(), completionTokens: z.number() }),
  cost: z.object({ usd: z.number() }),
})
export type ControllerAnswer = z.output<typeof answer>

const problem = z.object({ detail: z.string(), remedy: z.string() })
/** A pod may have to be rented first. */
const LONGEST_MS = 30 * 60_000

/** Asks a controller, which rents, shares and bills. */
export async function inferByController(
  controller: { readonly url: string; readonly key: string },
  request: { readonly prompt: string; readonly model?: string; readonly maxCostUsd?: number },
  signal: AbortSignal,
): Promise<ControllerAnswer> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)])
  const headers = { authorization: `Bearer ${controller.key}`, 'content-type': 'application/json' }
  const where = `${controller.url}/infer`
  let response: Response
  try {
    const body = JSON.stringify(request)
    response = await fetch(where, { method: 'POST', headers, body, redirect: 'error', signal: within })
  } catch (cause) {
    throw failed(`The controller at ${controller.url} could not be reached.`, 'Check controller-url.', cause)
  }
  const body: unknown = await response.json().catch(() => null)
  const parsed = answer.safeParse(body)
  if (response.ok && parsed.success) return parsed.data
  const told = problem.safeParse(body).data
  const said = (text: string) => withoutSecrets(text, [controller.key])
  throw failed(
    said(told?.detail ?? `The controller at ${controller.url} answered ${response.status} without a reason.`),
    said(told?.remedy ?? 'Look at its log.'),
    parsed.error,
  )
}

function failed(message: string, remedy: string, cause: unknown): ActionError {
  return new ActionError({ code: 'controller', owner: 'operator', message, remedy, cause })
}
