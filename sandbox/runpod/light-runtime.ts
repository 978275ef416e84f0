import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../ollama/clock.ts'
import { cacheFactorOf } from '../ollama/models.ts'
import { createOllama } from '../ollama/start.ts'
import type { EmulatedPod } from './emulated-pod.ts'
import { LightGuard } from './light-guard.ts'
import type { GpuOffer } from './offers.ts'
import { type Container, type ContainerHooks, hasGuard, imageEnvironment, type PodRuntime } from './pod-runtime.ts'
import type { RunpodOptions } from './settings.ts'

/** Pods inside this process: hundreds of them can live and die in a second. */
export function lightRuntime(options: RunpodOptions, offers: readonly GpuOffer[], clock: Clock): PodRuntime {
  return {
    start: (pod, hooks) => startContainer(pod, hooks, options, offers, clock),
    stop: () => Promise.resolve(),
  }
}

function startContainer(
  pod: EmulatedPod,
  hooks: ContainerHooks,
  options: RunpodOptions,
  offers: readonly GpuOffer[],
  clock: Clock,
): Container {
  const memoryGb = (offers.find((offer) => offer.id === pod.body.gpu?.id)?.memoryGb ?? 24) * pod.gpuCount
  const ollama = createOllama({
    ...options.ollama,
    clock,
    models: [...(options.ollama?.models ?? []), ...hooks.store],
    onPulled: (tag) => hooks.store.add(tag),
    checkHost: false,
    gpu: { vramBytes: memoryGb * 1024 ** 3 },
    cacheFactor: cacheFactorOf({ ...imageEnvironment(pod), ...pod.env }.OLLAMA_KV_CACHE_TYPE),
    parallel: Number(pod.env.OLLAMA_NUM_PARALLEL ?? 1),
  })
  const guard = hasGuard(pod) ? new LightGuard(pod, ollama, clock, hooks) : undefined
  const open = new Set<ServerResponse>()
  const port = guard === undefined ? 11_434 : Number(pod.env.GUARD_PORT)
  let isOver = false
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    open.add(response)
    response.on('close', () => open.delete(response))
    if (guard === undefined) ollama.handle(request, response)
    else guard.handle(request, response)
  }
  return {
    serviceAt: (declared) => (declared === port && !isOver ? { kind: 'handler', handle } : undefined),
    pids: () => [],
    kill: () => {
      isOver = true
      guard?.stop()
      ollama.state.scheduler.stop()
      for (const response of open) response.destroy()
    },
  }
}
