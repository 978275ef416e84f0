import { fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { sendSteadily } from './send-steadily.ts'

// `node bench/intake/main.ts [deliveries per second] [seconds]`: how soon webhooks are answered, and what memory the server with the
// sandbox takes. The sender runs in this process, the server in one of its own.
const [perSecond = '200', seconds = '20'] = process.argv.slice(2)
/** What Linux counts processor time in. */
const TICK_MS = 10
const started = z.object({ url: z.string(), secret: z.string() })

const server = fork(join(import.meta.dirname, 'server.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
const ended = new Promise<number | null>((resolve) => server.once('exit', resolve))
try {
  const { promise, resolve, reject } = Promise.withResolvers<z.infer<typeof started>>()
  server.once('message', (message) => resolve(started.parse(message)))
  void ended.then((code) => reject(new Error(`The server ended with ${code} before it listened.`)))
  const target = await promise
  await sendSteadily(target, { perSecond: 50, seconds: 3 })
  const cpuBeforeMs = await cpuMsOf(server.pid ?? 0)
  const { latenciesMs, refused } = await sendSteadily(target, {
    perSecond: Number(perSecond),
    seconds: Number(seconds),
  })
  const cpuMs = (await cpuMsOf(server.pid ?? 0)) - cpuBeforeMs
  const at = (share: number) => Math.round((latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0) * 10) / 10
  const figures = {
    perSecond: Number(perSecond),
    sent: latenciesMs.length,
    refused,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    /** Processor time, which a busy machine does not change; 5 ms are all there is at 200 a second. */
    cpuMsPerDelivery: Math.round((cpuMs / latenciesMs.length) * 100) / 100,
  }
  console.log(JSON.stringify({ ...figures, ...(await memoryOf(server.pid ?? 0)) }))
} finally {
  server.kill('SIGTERM')
  await ended
}

/** User and system time of a process, its threads included. */
async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

async function memoryOf(pid: number) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const megabytes = (name: string) => Math.round(Number(new RegExp(`${name}:\\s*(\\d+)`, 'u').exec(status)?.[1]) / 1024)
  return { rssMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') }
}
