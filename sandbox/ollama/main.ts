import { probeOllama } from './engine.ts'
import type { OllamaFault } from './faults.ts'
import { cacheFactorOf } from './models.ts'
import { keepAliveMs } from './request.ts'
import { startOllama } from './start.ts'

/**
 * The emulated Ollama as a process. Reads the server's own variables (OLLAMA_HOST, OLLAMA_NUM_PARALLEL, ...)
 * and SANDBOX_ENGINE_URL, SANDBOX_OLLAMA_MODELS, SANDBOX_OLLAMA_FAULTS (JSON), SANDBOX_VRAM_BYTES.
 * It prints one line of JSON with its address and listens on a loopback address only.
 */
const { env } = process
const host = env.OLLAMA_HOST ?? '127.0.0.1:11434'
const port = Number(/:(\d+)\/?$/.exec(host)?.[1] ?? 11_434)
const faults: OllamaFault[] = JSON.parse(env.SANDBOX_OLLAMA_FAULTS ?? '[]')
const engineUrl = env.SANDBOX_ENGINE_URL
const isEngineUp = engineUrl !== undefined && (await probeOllama(engineUrl))

const server = await startOllama({
  port,
  faults,
  // A server bound to all addresses does not look at the Host header.
  checkHost: !/^(?:https?:\/\/)?0\.0\.0\.0/.test(host),
  models: (env.SANDBOX_OLLAMA_MODELS ?? '').split(',').filter((tag) => tag !== ''),
  cacheFactor: cacheFactorOf(env.OLLAMA_KV_CACHE_TYPE),
  onPulled: (tag) => process.stdout.write(`${JSON.stringify({ pulled: tag })}\n`),
  ...(isEngineUp ? { engineUrl } : {}),
  ...(env.OLLAMA_KEEP_ALIVE ? { keepAliveMs: keepAliveMs(env.OLLAMA_KEEP_ALIVE) ?? 300_000 } : {}),
  ...numeric('parallel', env.OLLAMA_NUM_PARALLEL),
  ...numeric('maxLoaded', env.OLLAMA_MAX_LOADED_MODELS),
  ...numeric('maxQueue', env.OLLAMA_MAX_QUEUE),
  ...numeric('contextLength', env.OLLAMA_CONTEXT_LENGTH),
  ...(env.SANDBOX_VRAM_BYTES ? { gpu: { vramBytes: Number(env.SANDBOX_VRAM_BYTES) } } : {}),
})
process.stdout.write(
  `${JSON.stringify({ url: server.url, pid: process.pid, engine: isEngineUp ? engineUrl : 'stand-in' })}\n`,
)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void server.stop().then(() => process.exit(0)))
}

function numeric<K extends string>(name: K, text: string | undefined): Partial<Record<K, number>> {
  const value = Number(text)
  return text === undefined || text === '' || Number.isNaN(value) || value <= 0
    ? {}
    : ({ [name]: value } as Record<K, number>)
}
