import { parseArgs } from 'node:util'
import { type Chaos, evidenceRun } from './faults.ts'
import type { RunpodOptions } from './settings.ts'
import { startRunpod } from './start.ts'

/**
 * The emulated RunPod as a process of its own, so that the death of the product is not the death of the provider.
 * It prints one line of JSON with its addresses.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    runtime: { type: 'string', default: 'process' },
    balance: { type: 'string', default: '25' },
    key: { type: 'string' },
    /** `evidence`, or a JSON object of rates. */
    chaos: { type: 'string' },
    engine: { type: 'string' },
    /** More of `RunpodOptions`, as JSON. */
    options: { type: 'string', default: '{}' },
    judge: { type: 'boolean', default: true },
  },
  allowNegative: true,
})

const runtimes = { process: 'process', light: 'light', none: 'none' } as const
const podRuntime = Object.values(runtimes).find((name) => name === values.runtime) ?? 'process'
const chaos: Partial<Chaos> = values.chaos === 'evidence' ? evidenceRun : JSON.parse(values.chaos ?? '{}')

const more: RunpodOptions = JSON.parse(values.options)

const runpod = await startRunpod({
  ...more,
  port: Number(values.port),
  seed: Number(values.seed),
  balanceUsd: Number(values.balance),
  judge: values.judge,
  podRuntime,
  chaos,
  ...(values.key === undefined ? {} : { apiKey: values.key }),
  ...(values.engine === undefined ? {} : { ollama: { engineUrl: values.engine } }),
})
const { url, proxyUrl, graphqlUrl, apiKey } = runpod
process.stdout.write(`${JSON.stringify({ url, proxyUrl, graphqlUrl, apiKey, pid: process.pid })}\n`)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void runpod.stop().then(() => process.exit(0)))
}
