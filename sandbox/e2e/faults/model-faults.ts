import type { OllamaFaultName } from '../../ollama/faults.ts'
import { until } from '../__support__/until.ts'
import type { HouseFault } from './house-fault.ts'

/** A model that does this for its first calls, in a house of its own. */
function model(
  id: string,
  fault: string,
  name: OllamaFaultName,
  more: {
    readonly times?: number
    readonly ms?: number
    readonly outcomes?: readonly string[]
    readonly proxyTimeoutMs?: number
  } = {},
): HouseFault {
  const { times = 1, ms, outcomes, proxyTimeoutMs } = more
  return {
    id,
    area: 'Ollama',
    fault,
    options: {
      ollama: { faults: [{ after: '/api/chat', fault: name, times, ...(ms === undefined ? {} : { ms }) }] },
      ...(proxyTimeoutMs === undefined ? {} : { proxyTimeoutMs }),
    },
    ...(outcomes === undefined ? {} : { outcomes }),
    during: async ({ ask, job }) => {
      ask()
      await until('the job to begin', async () => (await job()) !== undefined)
    },
  }
}

const SAID = ['posted', 'partial', 'failed'] as const

export const modelFaults: readonly HouseFault[] = [
  model(
    'ollama-524',
    'the first token takes longer than the proxy waits (524; its 100 s are 1 s here)',
    'slow-first-token',
    { ms: 2_500, proxyTimeoutMs: 1_000 },
  ),
  model('ollama-error-line', 'an error line in the middle of an answer with status 200', 'error-line'),
  model('ollama-no-done', 'an answer ends without `done`', 'cut'),
  model('ollama-truncated', 'an answer ends with `length`: its JSON is cut', 'cut-json'),
  model('ollama-schema', 'an answer breaks its schema', 'schema-breaking'),
  model('ollama-crash', 'llama-server crashes (500)', 'crash'),
  model('ollama-busy', 'the queue is full (503) three times', 'busy', { times: 3 }),
  model('ollama-half-window', 'the prompt was cut to half the window without a word', 'half-context', {
    outcomes: SAID,
  }),
  model('ollama-always-wrong', 'every answer breaks its schema, for ever', 'schema-breaking', {
    times: 10_000,
    outcomes: ['partial', 'failed'],
  }),
  {
    id: 'ollama-model-gone',
    area: 'Ollama',
    fault: 'the model that is asked for does not exist',
    outcomes: ['failed'],
    during: async ({ ask, job }) => {
      ask('/devloop review --model nobody:1b')
      await until('the end', async () => ((await job())?.endedAt ?? null) !== null)
    },
  },
]
