import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EmulatedPod } from './emulated-pod.ts'

/** How a request reaches the service behind a port of a container. */
export type Service =
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'handler'; readonly handle: (request: IncomingMessage, response: ServerResponse) => void }

/** A started container. */
export interface Container {
  /** The service at a port as declared in the pod, once it listens to the outside. */
  readonly serviceAt: (port: number) => Service | undefined
  /** The processes of the container; none where it has none of its own. */
  readonly pids: () => readonly number[]
  /** Kills everything in the container at once. Safe to call twice. */
  readonly kill: () => void
}

export interface ContainerHooks {
  /** The main process ended by itself. */
  readonly onExit: (reason: string) => void
  readonly onLog: (line: string) => void
  /** Model tags in the container's store; it outlives the pod where the store lies on a network volume. */
  readonly store: Set<string>
  /** The pod's own key was used to remove the pod; false when that was refused. */
  readonly removeSelf: () => boolean
}

/** What runs containers. */
export interface PodRuntime {
  readonly start: (pod: EmulatedPod, hooks: ContainerHooks) => Container
  readonly stop: () => Promise<void>
}

/** True where the image is the product's own, with a guard in front of Ollama. */
export function hasGuard(pod: EmulatedPod): boolean {
  return /devloop/i.test(pod.image) && pod.env.GUARD_PORT !== undefined
}

/** What the image itself presets; the pod's own values win. */
export function imageEnvironment(pod: EmulatedPod): Readonly<Record<string, string>> {
  return hasGuard(pod) ? { OLLAMA_KV_CACHE_TYPE: 'q8_0', OLLAMA_KEEP_ALIVE: '-1', OLLAMA_MAX_LOADED_MODELS: '1' } : {}
}

/**
 * A stock image appends plain `args` to its entrypoint, so anything but `serve` ends at once; an overridden
 * entrypoint runs a shell that this emulation takes to start the server.
 */
export function isCrashingCommand(pod: EmulatedPod): boolean {
  const args = pod.body.args?.trim() ?? ''
  const isOverridden = (pod.body.entrypoint?.length ?? 0) > 0 || args.startsWith('{')
  const isStock = /(?:^|\/)ollama(?:[:@]|$)/.test(pod.image)
  return isStock && !isOverridden && args !== '' && args !== 'serve'
}

/** Nothing ever answers. */
export const emptyRuntime: PodRuntime = {
  start: () => ({ serviceAt: () => undefined, pids: () => [], kill: () => {} }),
  stop: () => Promise.resolve(),
}
