import type { Clock } from '../../../ports/clock.ts'
import { podName } from '../../../ports/ids.ts'
import type { PodProvider, ProviderPod } from '../../../ports/pods.ts'

/** What the naive replicas share: the pods they know of, stored after the reply has come. */
export interface NaiveMemory {
  readonly known: Map<string, ProviderPod>
}

interface NaiveParts {
  readonly provider: PodProvider
  readonly clock: Clock
  readonly memory: NaiveMemory
  readonly isNeeded: () => boolean
  readonly isServing: (url: string) => boolean
}

const TRIES = 3
const SIGNAL = new AbortController().signal

/**
 * How it is usually done, and what the harness must be able to find fault with: the POST is tried again on errors, a pod is stored when
 * its reply has come, every replica acts for itself, a DELETE is sent once, and nobody looks at the list.
 */
export async function runNaive(parts: NaiveParts): Promise<void> {
  const { clock, memory, isNeeded } = parts
  for (let turn = 0; ; turn += 1) {
    await clock.sleep(2_000)
    const known = [...memory.known.values()]
    if (isNeeded() && known.length === 0) await rent(parts, turn)
    if (!isNeeded()) for (const pod of known) await giveBack(parts, pod)
    for (const pod of known) await forgetBroken(parts, pod)
  }
}

async function rent({ provider, memory, clock }: NaiveParts, turn: number): Promise<void> {
  const ulid = `${clock.now().toString().padStart(20, '0')}${turn.toString().padStart(6, '0')}`
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      const pod = await provider.create(
        {
          name: podName.parse(`devloop-naive000-${ulid}-xzzzzzz`),
          candidate: { gpu: 'NVIDIA GeForce RTX 4090', cloud: 'SECURE', dataCenterIds: [] },
          image: 'ollama/ollama:latest',
          diskGb: 40,
          env: { GUARD_DEADLINE: String(clock.now() + 365 * 86_400_000), GUARD_TOKEN: 'none' },
          httpPort: 11_434,
          networkVolume: null,
          minCudaVersion: '12.4',
        },
        SIGNAL,
      )
      memory.known.set(pod.id, pod)
      return
    } catch {
      await clock.sleep(500)
    }
  }
}

async function giveBack({ provider, memory }: NaiveParts, pod: ProviderPod): Promise<void> {
  try {
    await provider.terminate(pod.id, SIGNAL)
  } catch {
    // "It will be gone by now."
  }
  memory.known.delete(pod.id)
}

async function forgetBroken({ clock, memory, isServing, provider }: NaiveParts, pod: ProviderPod): Promise<void> {
  const isOld = clock.now() - pod.createdAt > 60_000
  if (isOld && !isServing(provider.addressOf(pod.id, 11_434))) memory.known.delete(pod.id)
}
