import type { AddressInfo } from 'node:net'
import { steadyClock, watchLife } from './dead-mans-switch.ts'
import { readGpu } from './gpu.ts'
import { log } from './log.ts'
import { ModelKeeper } from './model-keeper.ts'
import { createGuardServer } from './server.ts'
import { readSettings } from './settings.ts'
import { initialState } from './state.ts'
import { type Supervised, supervise } from './supervise.ts'

const settings = readSettings(process.env)
const now = steadyClock()
const state = initialState(settings, now())
for (const problem of settings.problems) log('problem', { problem })

// An ended process would be started and billed again, so nothing but a signal ends this one.
process.on('uncaughtException', (problem) => log('unexpected', { error: problem.message }))
process.on('unhandledRejection', (problem) => log('unexpected', { error: String(problem) }))

void watchLife(settings, state, now)

const keeper = new ModelKeeper(settings.ollamaUrl, state, now)
const server = createGuardServer({
  settings,
  state,
  now,
  prepare: (model, options) => keeper.order({ model, options }),
})
listen(settings.port)

// Ollama is told nothing that opens doors elsewhere.
const { GUARD_TOKEN: _token, RUNPOD_API_KEY: _key, ...harmless } = process.env
const ollama: Supervised | null =
  settings.ollamaCommand === null
    ? null
    : supervise(settings.ollamaCommand, { ...harmless, OLLAMA_HOST: new URL(settings.ollamaUrl).host }, () =>
        keeper.again(),
      )
if (settings.model !== null) keeper.order({ model: settings.model, options: settings.loadOptions })
else state.settledAt = now()
void watchGpu()

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end(signal))

function listen(port: number): void {
  server.once('error', (problem) => {
    log('port-not-opened', { port, error: problem.message })
    setTimeout(() => listen(port), 1_000)
  })
  server.listen(port, settings.host, () => {
    log('listening', { port: (server.address() as AddressInfo).port })
  })
}

async function watchGpu(): Promise<void> {
  for (;;) {
    state.gpu = await readGpu()
    await new Promise((resolve) => setTimeout(resolve, 10_000))
  }
}

/** The platform stops the container: Ollama first, then this process. */
async function end(signal: NodeJS.Signals): Promise<void> {
  log('stopping', { signal })
  server.close()
  server.closeAllConnections()
  await ollama?.stop(signal, 8_000)
  process.exit(0)
}
