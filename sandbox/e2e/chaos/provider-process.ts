import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { PodBill } from '../../runpod/billing.ts'
import type { ProviderAddress } from './fleet-parts.ts'

const RUNPOD = fileURLToPath(new URL('../../runpod/main.ts', import.meta.url))
/** How far the emulated bills are behind. */
const BILLING_LAG_MS = 2_000

/** The rates of the measured run in the life-cycle reference, and the ways in which a pod does not come up. */
const CHAOS = {
  noCapacity: 0.2,
  createErrorAfter: 0.2,
  createDropAfter: 0.1,
  listError: 0.1,
  deleteErrorBefore: 0.1,
  deleteErrorAfter: 0.1,
  deleteMissesYoung: 1,
  youngMs: 1_500,
  listLagMs: 1_500,
  stuckProvisioning: 0.03,
  zeroGpu: 0.03,
  bootError: 0.03,
  diesMidStream: 0.03,
}

interface ProviderCall {
  readonly method?: string
  readonly path?: string
  readonly fault?: string
}

/** The emulated provider of a chaos run, in a process of its own, and its books. */
export class ProviderProcess {
  readonly address: ProviderAddress
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, address: ProviderAddress) {
    this.#child = child
    this.address = address
  }

  static async start(seed: number): Promise<ProviderProcess> {
    const options = ['--runtime', 'light', '--seed', String(seed), '--balance', '1000', '--no-judge']
    const more = ['--chaos', JSON.stringify(CHAOS), '--options', JSON.stringify({ billingLagMs: BILLING_LAG_MS })]
    const child = spawn(process.execPath, [RUNPOD, ...options, ...more], { stdio: ['ignore', 'pipe', 'inherit'] })
    const line = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the emulated provider ended with ${code} before it was up`)))
      child.stdout.setEncoding('utf8').once('data', resolve)
    })
    return new ProviderProcess(child, JSON.parse(line))
  }

  /** How many pods are there, whatever their state. */
  async live(): Promise<number> {
    const pods = await this.#ask<{ status: string }[]>('/sandbox/pods')
    return pods.filter((pod) => pod.status !== 'TERMINATED').length
  }

  async creates(): Promise<readonly ProviderCall[]> {
    const calls = await this.#ask<ProviderCall[]>('/sandbox/calls')
    return calls.filter((call) => call.method === 'POST' && /\/pods$/.test(call.path ?? ''))
  }

  /** The exact bill, whatever the API tells of it and when. */
  bills(): Promise<{ readonly spentMicroUsd: number; readonly pods: readonly PodBill[] }> {
    return this.#ask('/sandbox/billing')
  }

  stop(): void {
    this.#child.kill('SIGTERM')
  }

  async #ask<T>(path: string): Promise<T> {
    const reply = await fetch(this.address.url.replace(/\/v2$/, path))
    return reply.json() as Promise<T>
  }
}
