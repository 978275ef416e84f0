import type { EngineRun } from './one-shot.ts'

const MAX_OUTPUT_TOKENS = 2_048

/** One prompt and its answer, the same one each time as far as the engine can: temperature 0 and a fixed seed. */
export async function askOnce({ lease, settings, signal }: EngineRun, prompt: string, system?: string) {
  const answer = await lease.engine.chat(
    {
      model: lease.model,
      messages: [
        ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
        { role: 'user', content: prompt },
      ],
      load: settings.load,
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      temperature: 0,
      seed: 1,
      ...(settings.think === undefined ? {} : { think: settings.think }),
    },
    { signal },
  )
  const usage = { promptTokens: answer.promptTokens, completionTokens: answer.completionTokens }
  return { model: lease.model, output: answer.content, usage }
}
