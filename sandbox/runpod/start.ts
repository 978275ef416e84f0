import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SandboxClock } from '../ollama/clock.ts'
import { type Account, openAccount, type RecordedCall, spentMicroUsd } from './account.ts'
import { Api } from './api.ts'
import { bills, type PodBill } from './billing.ts'
import { answerControl } from './control.ts'
import type { PodStatus } from './emulated-pod.ts'
import type { Chaos, RunpodFault } from './faults.ts'
import { answerGraphql } from './graphql.ts'
import { openJudge } from './judge.ts'
import { losePod, terminatePod } from './life-cycle.ts'
import { lightRuntime } from './light-runtime.ts'
import { defaultOffers } from './offers.ts'
import { emptyRuntime, type PodRuntime } from './pod-runtime.ts'
import { processRuntime } from './process-runtime.ts'
import { answerProxy } from './proxy.ts'
import type { RunpodOptions } from './settings.ts'

/** One pod as it really is, whatever the API shows. */
export interface PodFacts {
  readonly id: string
  readonly name: string
  readonly status: PodStatus
  readonly createdAt: number
  readonly endedAt: number | null
  readonly gpuCount: number
  readonly restarts: number
  readonly env: Readonly<Record<string, string>>
  /** The key that the pod itself holds. */
  readonly scopedKey: string
  /** Local processes of the container. */
  readonly pids: readonly number[]
}

/** A running emulated RunPod. */
export interface EmulatedRunpod {
  /** Base of REST v2, `/v2` included. */
  readonly url: string
  /** With `{podId}` and `{port}` to fill in. */
  readonly proxyUrl: string
  readonly graphqlUrl: string
  readonly apiKey: string
  /** Every pod that ever was, ended ones included. */
  readonly pods: () => readonly PodFacts[]
  /** Pods that are not TERMINATED. */
  readonly livePods: () => readonly PodFacts[]
  readonly billing: () => readonly PodBill[]
  readonly spentMicroUsd: () => number
  readonly calls: readonly RecordedCall[]
  readonly script: (fault: RunpodFault) => void
  readonly setChaos: (chaos: Partial<Chaos>) => void
  /** Moves time forward and fires what became due; only with the sandbox's own clock. */
  readonly advance: (ms: number) => void
  /** Takes the host away under a pod, or the pod itself. */
  readonly kill: (podId: string, how?: 'host-lost' | 'terminated') => void
  /** Bodies of our own that the vendor's document refuses. */
  readonly violations: () => readonly string[]
  readonly stop: () => Promise<void>
}

/** Starts an emulated RunPod account on a loopback port (0: a free one). */
export async function startRunpod(options: RunpodOptions = {}): Promise<EmulatedRunpod> {
  const own = new SandboxClock()
  const clock = options.clock ?? own
  let url = ''
  const runtime = runtimeOf(options, clock, () => url)
  const account = openAccount(options, clock, runtime)
  const api = new Api(account, options.judge === false ? undefined : openJudge())
  const server = createServer((request, response) => void answer(account, api, handle, request, response))
  const stopBilling = watchBalance(account)
  const handle: EmulatedRunpod = {
    get url() {
      return url
    },
    get proxyUrl() {
      return url.replace(/\/v2$/, '/proxy/{podId}/{port}')
    },
    get graphqlUrl() {
      return url.replace(/\/v2$/, '/graphql')
    },
    apiKey: account.apiKey,
    pods: () => facts(account),
    livePods: () => facts(account).filter((pod) => pod.status !== 'TERMINATED'),
    billing: () => bills(account),
    spentMicroUsd: () => spentMicroUsd(account),
    calls: account.calls,
    script: (fault) => account.faults.add(fault),
    setChaos: (chaos) => {
      account.chaos = { ...account.chaos, ...chaos }
    },
    advance: (ms) => (clock instanceof SandboxClock ? clock : own).advance(ms),
    kill: (podId, how = 'host-lost') => {
      const pod = account.pods.get(podId)
      if (pod !== undefined) (how === 'host-lost' ? losePod : terminatePod)(account, pod)
    },
    violations: () => api.violations,
    stop: async () => {
      stopBilling()
      for (const pod of account.pods.values()) {
        pod.cancelNext()
        pod.container?.kill()
      }
      await runtime.stop()
      own.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`
  return handle
}

function runtimeOf(
  options: RunpodOptions,
  clock: SandboxClock | NonNullable<RunpodOptions['clock']>,
  apiUrl: () => string,
): PodRuntime {
  const offers = options.gpus ?? defaultOffers
  switch (options.podRuntime ?? 'light') {
    case 'process':
      return processRuntime(options, offers, apiUrl)
    case 'light':
      return lightRuntime(options, offers, clock)
    case 'none':
      return emptyRuntime
  }
}

async function answer(
  account: Account,
  api: Api,
  handle: EmulatedRunpod,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? '/'
  try {
    if (path.startsWith('/proxy/')) answerProxy(account, request, response)
    else if (path.startsWith('/graphql')) await answerGraphql(account, request, response)
    else if (path.startsWith('/sandbox/')) await answerControl(handle, request, response)
    else await api.answer(request, response)
  } catch (problem) {
    // A client that left in the middle of its request needs no answer.
    if (!response.headersSent && !response.destroyed) response.writeHead(500).end(String(problem))
  }
}

function facts(account: Account): PodFacts[] {
  return [...account.pods.values()].map((pod) => ({
    id: pod.id,
    name: pod.name,
    status: pod.status,
    createdAt: pod.createdAt,
    endedAt: pod.endedAt,
    gpuCount: pod.gpuCount,
    restarts: pod.restarts,
    env: pod.env,
    scopedKey: pod.scopedKey,
    pids: pod.container?.pids() ?? [],
  }))
}

const billingEveryMs = 300_000

/** Every five minutes: with nothing left, pods are terminated; those on a network volume are stopped. */
function watchBalance(account: Account): () => void {
  let cancel = (): void => {}
  const look = (): void => {
    if (spentMicroUsd(account) >= account.balanceMicroUsd) {
      for (const pod of account.pods.values()) {
        if (pod.status === 'TERMINATED') continue
        if (pod.body.mounts?.network === undefined) terminatePod(account, pod)
        else losePod(account, pod)
      }
    }
    cancel = account.clock.after(billingEveryMs, look)
  }
  cancel = account.clock.after(billingEveryMs, look)
  return () => cancel()
}
