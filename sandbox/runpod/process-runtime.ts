import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { EmulatedPod } from './emulated-pod.ts'
import type { GpuOffer } from './offers.ts'
import { type Container, type ContainerHooks, hasGuard, imageEnvironment, type PodRuntime } from './pod-runtime.ts'
import type { RunpodOptions } from './settings.ts'

const tether = fileURLToPath(new URL('./tether.ts', import.meta.url))
const ollamaMain = fileURLToPath(new URL('../ollama/main.ts', import.meta.url))
const guardMain = fileURLToPath(new URL('../../pod/main.ts', import.meta.url))

/** Pods as groups of local processes: the emulated Ollama and, for the product's image, the real guard. */
export function processRuntime(options: RunpodOptions, offers: readonly GpuOffer[], apiUrl: () => string): PodRuntime {
  const groups = new Set<ChildProcess>()
  const killAll = (): void => {
    for (const child of groups) killGroup(child)
  }
  process.on('exit', killAll)
  return {
    start: (pod, hooks) =>
      startContainer(pod, hooks, environmentOf(pod, options, offers, apiUrl(), hooks.store), groups),
    stop: async () => {
      process.off('exit', killAll)
      const ends = [...groups].map((child) => new Promise((resolve) => child.once('close', resolve)))
      killAll()
      await Promise.all(ends)
    },
  }
}

interface Environments {
  readonly ollama: Readonly<Record<string, string>>
  readonly guard: Readonly<Record<string, string>>
}

function environmentOf(
  pod: EmulatedPod,
  options: RunpodOptions,
  offers: readonly GpuOffer[],
  apiUrl: string,
  store: ReadonlySet<string>,
): Environments {
  const base = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/tmp' }
  const memoryGb = (offers.find((offer) => offer.id === pod.body.gpu?.id)?.memoryGb ?? 24) * pod.gpuCount
  const { ollama } = options
  return {
    ollama: {
      ...base,
      ...imageEnvironment(pod),
      ...pod.env,
      // The stock image listens on all addresses and so ignores the Host header; behind the guard it is local.
      OLLAMA_HOST: hasGuard(pod) ? '127.0.0.1:0' : '0.0.0.0:0',
      SANDBOX_VRAM_BYTES: String(memoryGb * 1024 ** 3),
      SANDBOX_OLLAMA_MODELS: [...(ollama?.models ?? []), ...store].join(','),
      SANDBOX_OLLAMA_FAULTS: JSON.stringify(ollama?.faults ?? []),
      ...(ollama?.engineUrl === undefined ? {} : { SANDBOX_ENGINE_URL: ollama.engineUrl }),
    },
    guard: {
      ...base,
      ...pod.env,
      GUARD_HOST: '127.0.0.1',
      GUARD_PORT: '0',
      RUNPOD_POD_ID: pod.id,
      RUNPOD_API_KEY: pod.scopedKey,
      RUNPOD_API_URL: apiUrl,
    },
  }
}

function startContainer(
  pod: EmulatedPod,
  hooks: ContainerHooks,
  environments: Environments,
  groups: Set<ChildProcess>,
): Container {
  const ports = new Map<number, number>()
  const children: ChildProcess[] = []
  let isOver = false
  const kill = (): void => {
    isOver = true
    ports.clear()
    for (const child of children) killGroup(child)
  }
  const run = (
    program: string,
    environment: Readonly<Record<string, string>>,
    onLine: (line: string) => void,
  ): void => {
    const child = spawn(process.execPath, ['--import', tether, program], {
      env: environment,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    children.push(child)
    groups.add(child)
    child.stdin.on('error', () => {})
    eachLine(child, (line) => {
      hooks.onLog(line)
      onLine(line)
    })
    child.once('error', () => {})
    child.once('close', (code, signal) => {
      groups.delete(child)
      if (isOver) return
      kill()
      hooks.onExit(signal ?? `exit ${code}`)
    })
  }
  run(ollamaMain, environments.ollama, (line) => {
    const pulled = /^\{"pulled":"([^"]+)"\}$/.exec(line)?.[1]
    if (pulled !== undefined) hooks.store.add(pulled)
    const url = /"url":"([^"]+)"/.exec(line)?.[1]
    if (url === undefined || isOver) return
    if (!hasGuard(pod)) return void ports.set(11_434, Number(new URL(url).port))
    run(guardMain, { ...environments.guard, OLLAMA_URL: url }, (guardLine) => {
      const port = /"event":"listening","port":(\d+)/.exec(guardLine)?.[1]
      if (port !== undefined && !isOver) ports.set(Number(pod.env.GUARD_PORT), Number(port))
    })
  })
  return {
    kill,
    pids: () => children.flatMap((child) => child.pid ?? []),
    serviceAt: (declared) => {
      const port = ports.get(declared)
      return port === undefined ? undefined : { kind: 'port', port }
    },
  }
}

function eachLine(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let held = ''
    stream?.setEncoding('utf8')
    stream?.on('data', (part: string) => {
      const lines = `${held}${part}`.split('\n')
      held = lines.pop() ?? ''
      for (const line of lines) onLine(line)
    })
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone already.
  }
}
