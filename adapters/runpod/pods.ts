import { PodsError } from '../../ports/errors.ts'
import { podId } from '../../ports/ids.ts'
import { microUsdFromUsd } from '../../ports/money.ts'
import type { PodProvider, PodSpec, ProviderPod } from '../../ports/pods.ts'
import type { RunpodClient } from './client.ts'
import { createPodBody } from './create-body.ts'
import { unreadableReply } from './errors.ts'
import { type PodReply, podListReply, podReply } from './schema.ts'

const PAGE_SIZE = 1000
/** An account with more pages than that is not ours to reason about; a loop on a repeated cursor ends here too. */
const MAX_PAGES = 100

/** The pods of a RunPod account, through REST v2. */
export class RunpodPods implements PodProvider {
  readonly #client: RunpodClient
  readonly #proxyUrl: string

  /** `proxyUrl` is a template such as `https://{podId}-{port}.proxy.runpod.net`. */
  constructor(client: RunpodClient, proxyUrl: string) {
    this.#client = client
    this.#proxyUrl = proxyUrl
  }

  async create(spec: PodSpec, signal: AbortSignal): Promise<ProviderPod> {
    const secrets = Object.values(spec.env)
    const reply = await this.#client.send({ method: 'POST', path: '/pods', body: createPodBody(spec), secrets, signal })
    const parsed = podReply.safeParse(reply)
    if (!parsed.success) throw unreadableReply('POST /pods', true, parsed.error)
    return providerPod(parsed.data)
  }

  async list(signal: AbortSignal): Promise<readonly ProviderPod[]> {
    const found = new Map<string, ProviderPod>()
    let cursor: string | undefined
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query: Record<string, string> = { limit: String(PAGE_SIZE), ...(cursor === undefined ? {} : { cursor }) }
      const reply = podListReply.safeParse(await this.#client.send({ method: 'GET', path: '/pods', query, signal }))
      if (!reply.success) throw unreadableReply('GET /pods', false, reply.error)
      for (const pod of reply.data.pods) found.set(pod.id, providerPod(pod))
      const next = reply.data.pagination?.nextCursor ?? undefined
      if (next === undefined || next === '') return [...found.values()]
      if (next === cursor) break
      cursor = next
    }
    throw unreadableReply('GET /pods', false, new Error('the pages of the list do not end'))
  }

  async terminate(id: string, signal: AbortSignal): Promise<'accepted' | 'absent'> {
    try {
      await this.#client.send({ method: 'DELETE', path: `/pods/${encodeURIComponent(id)}`, tries: 1, signal })
      return 'accepted'
    } catch (error) {
      if (error instanceof PodsError && error.code === 'not-found') return 'absent'
      throw error
    }
  }

  addressOf(id: string, httpPort: number): string {
    return this.#proxyUrl.replaceAll('{podId}', id).replaceAll('{port}', String(httpPort)).replace(/\/+$/, '')
  }
}

function providerPod(pod: PodReply): ProviderPod {
  const createdAt = pod.createdAt == null ? Number.NaN : Date.parse(pod.createdAt)
  return {
    id: podId.parse(pod.id),
    name: pod.name,
    status: pod.status,
    // Absent means "not said", which is not the zero that marks a pod without its GPU.
    gpuCount: pod.gpu?.count ?? 1,
    gpu: pod.gpu?.id ?? null,
    cloud: pod.cloud ?? null,
    microUsdPerHour: microUsdFromUsd(pod.cost ?? 0),
    createdAt: Number.isNaN(createdAt) ? 0 : createdAt,
  }
}
