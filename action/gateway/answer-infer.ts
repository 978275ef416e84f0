import { z } from 'zod'
import { askOnce } from '../../parts/ask-once.ts'
import type { EngineRun } from '../../parts/one-shot.ts'
import { isCodedError } from '../../ports/errors.ts'
import { usdFromMicroUsd } from '../../ports/money.ts'

const body = z.strictObject({
  prompt: z.string().min(1),
  model: z.string().optional(),
  system: z.string().optional(),
  stream: z.literal(false).optional(),
})

interface Reply {
  readonly status: number
  readonly json: unknown
}

/** `POST /infer` as a DevLoop server has it, so that a script runs against either; one model, no stream. */
export async function answerInfer(run: EngineRun, text: string): Promise<Reply> {
  const { lease, clock } = run
  const parsed = body.safeParse(readJson(text))
  if (!parsed.success) return problem(422, 'bad-request', parsed.error.issues[0]?.message ?? 'The body is no request.')
  const { prompt, system, model } = parsed.data
  if (model !== undefined && model !== lease.model)
    return problem(422, 'model-missing', `This pod has ${lease.model}, and not ${model}.`)
  const startedAt = clock.now()
  try {
    const said = await askOnce(run, prompt, system)
    const json = {
      id: run.id,
      ...said,
      timing: { queueMs: 0, spinUpMs: 0, inferMs: clock.now() - startedAt },
      cost: { usd: usdFromMicroUsd(lease.costSoFar().microUsd) },
    }
    return { status: 200, json }
  } catch (error) {
    return problem(502, isCodedError(error) ? error.code : 'internal', String(error))
  }
}

function problem(status: number, code: string, detail: string): Reply {
  return { status, json: { type: 'about:blank', title: code, status, detail, code } }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
