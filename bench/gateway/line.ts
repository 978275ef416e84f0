import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Figures } from '../report/line-result.ts'
import { reportLine } from '../report/report-line.ts'

const RECORD = join(import.meta.dirname, '../results/gateway.json')
const FULL = { jobs: 100_000, rounds: 5 }
const QUICK = { jobs: 1_000, rounds: 1 }

const load = z.object({ requestsPerCoreSecond: z.number(), p50Ms: z.number(), p95Ms: z.number() })
const measured = z.object({
  calls: z.object({ engine: load, hono: load, gateway: load, infer: load }),
  passed: z.object({ hono: load, gateway: load }),
  streamed: z.object({ engine: z.number(), gateway: z.number(), openai: z.number() }),
  status: z.object({ jobs: z.number(), freshCpuMs: z.number(), keptP50Ms: z.number(), scrapesCpuShare: z.number() }),
})

await reportLine(async ({ isQuick, say }) => {
  const { jobs, rounds } = isQuick ? QUICK : FULL
  say(`${jobs} stored jobs`)
  const before = await readFile(RECORD, 'utf8').catch(() => undefined)
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts'), String(jobs), String(rounds)])
  const found = measured.parse(JSON.parse(await readFile(RECORD, 'utf8')))
  if (isQuick && before !== undefined) await writeFile(RECORD, before)
  return figuresOf(found)
})

function figuresOf({ calls, passed, streamed, status }: z.infer<typeof measured>): Figures {
  const row = (name: string, { p50Ms, p95Ms, requestsPerCoreSecond }: z.infer<typeof load>, isProcess = true) => [
    name,
    p50Ms,
    p95Ms,
    isProcess ? requestsPerCoreSecond : null,
  ]
  return {
    tables: [
      {
        title: 'One call, one at a time',
        columns: [
          { name: '' },
          { name: 'p50 ms', digits: 2 },
          { name: 'p95 ms', digits: 2 },
          { name: 'per second of a core', digits: 0 },
        ],
        rows: [
          row('bare engine', calls.engine, false),
          row('bare hono proxy', calls.hono),
          row('DevLoop gateway', calls.gateway),
          row('DevLoop POST /infer', calls.infer),
        ],
      },
      {
        title: 'Passed through, 20 at a time',
        columns: [{ name: '' }, { name: 'p50 ms', digits: 2 }, { name: 'per second of a core', digits: 0 }],
        rows: [
          ['bare hono proxy', passed.hono.p50Ms, passed.hono.requestsPerCoreSecond],
          ['DevLoop gateway', passed.gateway.p50Ms, passed.gateway.requestsPerCoreSecond],
        ],
      },
    ],
    goals: [
      goal('the gateway adds to a call, p50', calls.gateway.p50Ms - calls.engine.p50Ms, 'ms', '<=', 3),
      goal('`/infer` adds to a call, p50', calls.infer.p50Ms - calls.engine.p50Ms, 'ms', '<=', 3),
      goal('the gateway adds to a streamed chunk, p50', streamed.gateway - streamed.engine, 'ms', '<=', 1),
      goal("OpenAI's wire adds to a streamed chunk, p50", streamed.openai - streamed.engine, 'ms', '<=', 1),
      goal('passed through, per second of a core', passed.gateway.requestsPerCoreSecond, '', '>=', 1_500),
      goal(
        `\`/status\` read anew beside ${status.jobs.toLocaleString('en-US')} jobs`,
        status.freshCpuMs,
        'ms of a core',
        '<=',
        5,
      ),
      goal('`/status` from memory, p50', status.keptP50Ms, 'ms', '<=', 5),
      goal('100 scrapes of `/metrics` a second', status.scrapesCpuShare * 100, '% of a core', '<=', 5),
    ],
    charts: [
      {
        title: 'One call, p50',
        unit: 'ms',
        isMoreBetter: false,
        bars: [
          { name: 'bare engine', value: calls.engine.p50Ms, isOurs: false },
          { name: 'bare hono proxy', value: calls.hono.p50Ms, isOurs: false },
          { name: 'DevLoop gateway', value: calls.gateway.p50Ms, isOurs: true },
          { name: 'DevLoop POST /infer', value: calls.infer.p50Ms, isOurs: true },
        ],
      },
    ],
    skipped: [],
  }
}

function goal(what: string, value: number, unit: string, sign: '<=' | '>=', limit: number) {
  return { what, value, unit, sign, limit }
}
