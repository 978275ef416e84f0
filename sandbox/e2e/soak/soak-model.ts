import type { Clock } from '../../../ports/clock.ts'
import type { Fetch, StreamedReply } from '../../../ports/fetch.ts'
import { answer } from '../../ollama/stand-in/answer.ts'
import type { VirtualRunpod } from '../chaos/virtual-runpod.ts'
import type { SoakWeather } from './soak-weather.ts'

interface Asked {
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  readonly format?: unknown
}

/** The Ollama in each virtual pod: the rule-based stand-in, in virtual time, with the ways in which a model fails. */
export function createModelFetch(clock: Clock, runpod: VirtualRunpod, weather: SoakWeather): Fetch<StreamedReply> {
  return async (url, init) => {
    const [podUrl = ''] = url.split('/api/')
    await clock.sleep(weather.between(1_000, 9_000), init.signal)
    if (!runpod.isServing(podUrl)) throw new TypeError('fetch failed')
    if (url.endsWith('/api/version')) return said(200, [{ version: '0.34.0' }])
    if (url.endsWith('/api/show')) return said(200, [{ capabilities: ['completion'], model_info: {} }])
    if (!url.endsWith('/api/chat')) throw new Error(`this model was not made for ${url}`)
    const sickness = weather.is('model-sick') ? 0.5 : 0.01
    if (weather.hits(sickness / 3)) return said(500, [{ error: 'llama-server process has terminated' }])
    const asked = JSON.parse(init.body ?? '{}') as Asked
    const prompt = asked.messages.map(({ content }) => content).join('\n')
    const lastMessage = asked.messages.findLast(({ role }) => role === 'user')?.content ?? ''
    const content = answer({ prompt, lastMessage, format: asked.format })
    if (weather.hits(sickness / 3)) return said(200, [piece('{"unexpected": "purple"}'), done(prompt, 5)])
    if (weather.hits(sickness / 3)) return said(200, [piece(content.slice(0, content.length / 2)), { error: 'cut' }])
    return said(200, [piece(content), done(prompt, content.length / 4)])
  }
}

function piece(content: string) {
  return { model: 'soak', message: { role: 'assistant', content }, done: false }
}

function done(prompt: string, tokens: number) {
  return {
    model: 'soak',
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: 'stop',
    prompt_eval_count: Math.ceil(prompt.length / 4),
    eval_count: Math.ceil(tokens),
    eval_duration: 1e9,
  }
}

function said(status: number, lines: readonly object[]): StreamedReply {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  async function* body(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode(text)
  }
  return { status, headers: { get: () => null }, body: body(), text: async () => text }
}
