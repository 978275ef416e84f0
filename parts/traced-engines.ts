import type { ChatRequest, EngineDemand, EngineLease, Engines, ModelEngine } from '../ports/model.ts'
import type { Telemetry } from '../ports/telemetry.ts'
import { maskSecrets } from '../review/secrets/mask.ts'

export interface TracedEngines extends Engines {
  /** The trace of whoever waits longest for a pod: renting, which the fleet does by itself, belongs to it. */
  waiting(): string | null
}

/** A span for the wait for an engine and one for each call to the model, by the conventions for generative AI. */
export function tracedEngines(
  engines: Engines,
  telemetry: Telemetry,
  { withPrompts }: { readonly withPrompts: boolean },
): TracedEngines {
  if (!telemetry.isOn) return { acquire: (demand, signal) => engines.acquire(demand, signal), waiting: () => null }
  const waiting = new Set<string>()
  return {
    waiting: () => waiting.values().next().value ?? null,
    acquire: (demand, signal) =>
      telemetry.span(
        { name: 'wait for an engine', kind: 'internal', facts: { 'gen_ai.request.model': demand.model } },
        async (span) => {
          const { traceparent } = span
          if (traceparent !== null) waiting.add(traceparent)
          try {
            const told: EngineDemand = {
              ...demand,
              onPhase: (phase) => {
                span.event(phase.phase, { detail: phase.detail })
                demand.onPhase?.(phase)
              },
            }
            const lease = await engines.acquire(told, signal)
            span.set({ 'devloop.pod': lease.podName ?? undefined, 'devloop.gpu': lease.gpu ?? undefined })
            return tracedLease(lease, telemetry, withPrompts)
          } finally {
            if (traceparent !== null) waiting.delete(traceparent)
          }
        },
      ),
  }
}

function tracedLease(lease: EngineLease, telemetry: Telemetry, withPrompts: boolean): EngineLease {
  const { engine } = lease
  const chat: ModelEngine['chat'] = (request, call) =>
    telemetry.span(
      { name: `chat ${request.model}`, kind: 'client', facts: requestFacts(request, lease, withPrompts) },
      async (span) => {
        const answer = await engine.chat(request, call)
        span.set({
          'gen_ai.response.model': answer.model,
          // The engine's port gives no other end for an answer.
          'gen_ai.response.finish_reasons': ['stop'],
          'gen_ai.usage.input_tokens': answer.promptTokens,
          'gen_ai.usage.output_tokens': answer.completionTokens,
          'gen_ai.output.messages': withPrompts
            ? JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: maskSecrets(answer.content) }] }])
            : undefined,
        })
        return answer
      },
    )
  // An engine may be a class: its methods keep their own `this`, and a lease may have getters.
  const traced: ModelEngine = {
    chat,
    embed: (...given) => engine.embed(...given),
    listModels: (signal) => engine.listModels(signal),
    showModel: (tag, signal) => engine.showModel(tag, signal),
    version: (signal) => engine.version(signal),
  }
  return new Proxy(lease, {
    get: (target, name) => {
      if (name === 'engine') return traced
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function requestFacts(request: ChatRequest, lease: EngineLease, withPrompts: boolean) {
  const messages = request.messages.map(({ role, content }) => ({
    role,
    parts: [{ type: 'text', content: maskSecrets(content) }],
  }))
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'ollama',
    'gen_ai.request.model': request.model,
    'gen_ai.request.max_tokens': request.maxOutputTokens,
    'gen_ai.request.temperature': request.temperature,
    'gen_ai.request.seed': request.seed,
    'gen_ai.output.type': request.schema === undefined ? 'text' : 'json',
    'server.address': new URL(lease.address.url).host,
    'devloop.prompt_chars': request.messages.reduce((sum, { content }) => sum + content.length, 0),
    'gen_ai.input.messages': withPrompts ? JSON.stringify(messages) : undefined,
  }
}
