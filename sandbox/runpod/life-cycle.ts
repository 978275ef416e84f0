import type { Account } from './account.ts'
import type { EmulatedPod, PodStatus } from './emulated-pod.ts'
import { isCrashingCommand } from './pod-runtime.ts'

/** Starts the walk PROVISIONING, STARTING, RUNNING. The bill runs from here. */
export function beginBoot(account: Account, pod: EmulatedPod): void {
  const { boot, clock } = account
  pod.status = 'PROVISIONING'
  pod.meter.start(clock.now())
  note(account, pod, 'system', 'create pod')
  if (pod.bootFault === 'stuck-provisioning') return
  later(account, pod, boot.provisioningMs, () => {
    pod.status = 'STARTING'
    note(account, pod, 'system', `pulling image ${pod.image}`)
    if (pod.bootFault === 'stuck-starting') return
    const slowMs = pod.bootFault === 'slow-boot' ? boot.slowMs : 0
    later(account, pod, boot.startingMs + slowMs, () => run(account, pod))
  })
}

function run(account: Account, pod: EmulatedPod): void {
  if (pod.bootFault === 'error') {
    pod.status = 'ERROR'
    note(account, pod, 'system', 'container could not be created')
    return
  }
  pod.status = 'RUNNING'
  pod.startedAt = account.clock.now()
  if (pod.bootFault === 'zero-gpu') pod.gpuCount = 0
  if (pod.bootFault === 'exits') {
    later(account, pod, 50, () => stopPod(account, pod))
    return
  }
  if (pod.bootFault === 'no-service' || pod.bootFault === 'wrong-service') return
  later(account, pod, account.boot.imageMs, () => startContainer(account, pod))
}

/** Starts the main process; whenever it ends by itself it is started again, for ever, and the bill goes on. */
function startContainer(account: Account, pod: EmulatedPod): void {
  note(account, pod, 'system', 'start container')
  const restart = (reason: string): void => {
    if (pod.status !== 'RUNNING') return
    pod.container?.kill()
    pod.container = undefined
    pod.restarts += 1
    note(account, pod, 'system', `container ended (${reason}), restarting`)
    later(account, pod, account.boot.restartMs, () => startContainer(account, pod))
  }
  if (pod.bootFault === 'crash-loop' || isCrashingCommand(pod)) {
    restart('exit 1')
    return
  }
  pod.container = account.runtime.start(pod, {
    onExit: restart,
    onLog: (line) => note(account, pod, 'container', line),
    store: storeOf(account, pod),
    removeSelf: () => {
      if (account.options.scopedKey === 'none' || pod.status === 'TERMINATED') return false
      if (account.options.scopedKey === 'stop') stopPod(account, pod)
      else terminatePod(account, pod)
      return true
    },
  })
}

/** A store under the mount path is the volume's; any other is wiped with the container. */
function storeOf(account: Account, pod: EmulatedPod): Set<string> {
  const mount = pod.body.mounts?.network?.[0]
  const isOnVolume = mount !== undefined && (pod.env.OLLAMA_MODELS ?? '').startsWith(mount.path)
  const store = (isOnVolume ? account.stores.get(mount.volumeId) : undefined) ?? new Set<string>()
  if (isOnVolume) account.stores.set(mount.volumeId, store)
  return store
}

/** The disks keep billing in the real world; a pod here has none worth counting. */
export function stopPod(account: Account, pod: EmulatedPod): void {
  halt(account, pod, 'EXITED')
}

export function restartPod(account: Account, pod: EmulatedPod): void {
  pod.container?.kill()
  pod.container = undefined
  pod.restarts += 1
  later(account, pod, 0, () => startContainer(account, pod))
}

export function terminatePod(account: Account, pod: EmulatedPod): void {
  halt(account, pod, 'TERMINATED')
  pod.endedAt = account.clock.now()
}

/** The host goes away under the pod: every open stream breaks, and the pod is EXITED. */
export function losePod(account: Account, pod: EmulatedPod): void {
  halt(account, pod, 'EXITED')
}

function halt(account: Account, pod: EmulatedPod, status: PodStatus): void {
  pod.cancelNext()
  pod.container?.kill()
  pod.container = undefined
  pod.meter.stop(account.clock.now())
  pod.status = status
  note(account, pod, 'system', status.toLowerCase())
}

function later(account: Account, pod: EmulatedPod, ms: number, run: () => void): void {
  pod.cancelNext()
  pod.cancelNext = account.clock.after(ms, run)
}

function note(account: Account, pod: EmulatedPod, source: 'container' | 'system', line: string): void {
  pod.logs.push({ ts: new Date(account.clock.now()).toISOString(), source, line })
  if (pod.logs.length > 5_000) pod.logs.shift()
}
