import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { z } from 'zod'

const addresses = z.object({ url: z.string(), proxyUrl: z.string(), apiKey: z.string() })
const pods = z.array(
  z.object({ id: z.string(), name: z.string(), status: z.string(), env: z.record(z.string(), z.string()) }),
)
const MAIN = join(import.meta.dirname, '..', '..', 'sandbox', 'runpod', 'main.ts')

/** The provider as a process of its own: the death of a step is not its death. */
export async function startEmulatedRunpod(options: object = {}, runtime: 'process' | 'light' | 'none' = 'process') {
  const child = spawn(process.execPath, [MAIN, '--runtime', runtime, '--options', JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const { url, proxyUrl, apiKey } = addresses.parse(JSON.parse(String(line)))
  const control = url.replace(/\/v2$/, '/sandbox')
  const allPods = async () => pods.parse(await (await fetch(`${control}/pods`)).json())
  return {
    apiKey,
    env: { RUNPOD_API_URL: url, RUNPOD_PROXY_URL: proxyUrl },
    allPods,
    livePods: async () => (await allPods()).filter(({ status }) => status !== 'TERMINATED'),
    rented: async () => (await allPods()).length,
    async script(fault: object) {
      await fetch(`${control}/script`, { method: 'POST', body: JSON.stringify(fault) })
    },
    async kill(podId: string) {
      await fetch(`${control}/kill`, { method: 'POST', body: JSON.stringify({ podId, how: 'terminated' }) })
    },
    /** Creates a pod by hand, as an earlier run left it. */
    async leave(name: string) {
      const body = {
        name,
        image: 'x',
        gpu: { id: 'NVIDIA L4', count: 1 },
        cloud: 'SECURE',
        disk: 20,
        ports: ['8080/http'],
        env: {},
      }
      return fetch(`${url}/pods`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}` },
        body: JSON.stringify(body),
      })
    },
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
export type EmulatedRunpodProcess = Awaited<ReturnType<typeof startEmulatedRunpod>>
