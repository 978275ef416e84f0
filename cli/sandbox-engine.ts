import { startRunpod } from '../sandbox/runpod/start.ts'
import { assertClone } from './clone.ts'

export interface SandboxEngine {
  /** Points the product at the emulated account. */
  readonly variables: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** An emulated RunPod account on this machine: pods are local processes with the real guard and a labelled stand-in for a model. */
export async function startSandboxEngine(): Promise<SandboxEngine> {
  assertClone()
  const runpod = await startRunpod({ podRuntime: 'process' })
  return {
    variables: {
      RUNPOD_API_URL: runpod.url,
      RUNPOD_PROXY_URL: runpod.proxyUrl,
      RUNPOD_API_KEY: runpod.apiKey,
    },
    stop: () => runpod.stop(),
  }
}
