import { percentile } from '../report/statistics.ts'
import { cpuMsOf, memoryOf } from './process-usage.ts'
import { sendSteadily } from './send-steadily.ts'
import { startTarget } from './start-target.ts'

// `node bench/intake/main.ts [deliveries per second] [seconds]`: how soon webhooks are answered, and what memory the server with the
// sandbox takes. The sender runs in this process, the server in one of its own.
const [perSecond = '200', seconds = '20'] = process.argv.slice(2)

const server = await startTarget('server.ts', process.execArgv)
try {
  await sendSteadily(server, { perSecond: 50, seconds: 3 })
  const cpuBeforeMs = await cpuMsOf(server.pid)
  const pace = { perSecond: Number(perSecond), seconds: Number(seconds) }
  const { latenciesMs, refused } = await sendSteadily(server, pace)
  const cpuMs = (await cpuMsOf(server.pid)) - cpuBeforeMs
  const at = (share: number) => Math.round(percentile(latenciesMs, share) * 10) / 10
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
  console.log(JSON.stringify({ ...figures, ...(await memoryOf(server.pid)) }))
} finally {
  await server.stop()
}
