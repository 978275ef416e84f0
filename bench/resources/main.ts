import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { startSandboxWorld } from '../../sandbox/e2e/__support__/sandbox-world.ts'
import { until } from '../../sandbox/e2e/__support__/until.ts'
import { NO_POSTGRES, startPostgres } from '../../sandbox/postgres/start-postgres.ts'
import { cpuMsOf, memoryOf } from '../intake/process-usage.ts'
import { serveJobs } from './serve-jobs.ts'

// `node bench/resources/main.ts pglite|postgres [--jobs 50] [--idle 60] [--entry dist/devloop.js]`: memory and idle processor time of the
// server alone, as users run it; GitHub, RunPod, the pods and PostgreSQL are in other processes. With the defaults `npm run bundle` first.
const ROOT = join(import.meta.dirname, '..', '..')
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: '50' },
    idle: { type: 'string', default: '60' },
    entry: { type: 'string', default: 'dist/devloop.js' },
    json: { type: 'boolean', default: false },
  },
})
const [kind = 'pglite'] = positionals
const entry = join(ROOT, values.entry)
const WEBHOOKS = '/api/github/webhooks'

if (existsSync(entry)) console.log(JSON.stringify(await measure(), null, 2))
else console.log(`${values.entry} is not there: run \`npm run bundle\`, or name another with --entry cli/main.ts.`)

async function measure() {
  const postgres = kind === 'postgres' ? await startPostgres() : undefined
  if (postgres === null) return NO_POSTGRES
  const world = await startSandboxWorld({ boot: { provisioningMs: 20, startingMs: 20 } })
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...world.variables,
    NODE_OPTIONS: '',
    LOG_LEVEL: 'warn',
    ...(postgres === undefined ? {} : { DATABASE_URL: postgres.url() }),
  }
  // A warm pod stays: the wait for renting it anew is not what is measured.
  await mkdir(join(world.folder, 'data'))
  await writeFile(
    join(world.folder, 'data', 'devloop.yml'),
    'version: 1\nfleet: {idle: {policy: fixed, maxMinutes: 10}}\n',
  )
  const cli = [entry, 'keys', 'create', 'bench', '--scope', 'infer,control,read', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, cli, { env, cwd: world.folder })
  const { key } = JSON.parse(stdout) as { readonly key: string }
  const server = spawn(process.execPath, [...process.execArgv, entry, 'serve'], {
    env,
    cwd: world.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  server.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  try {
    const [url = ''] = await until('the server', () => /http:\/\/127\.0\.0\.1:\d+/.exec(said))
    const pid = server.pid ?? 0
    world.github.setWebhookUrl(world.registration, `${url}${WEBHOOKS}`)
    const fresh = await memoryOf(pid)
    const idleMs = Number(values.idle) * 1_000
    await pause(Math.min(5_000, idleMs))
    const idleCpuPercent = await cpuPercent(pid, idleMs)
    const served = await serveJobs(world, url, key, Number(values.jobs))
    await pause(Math.min(10_000, idleMs))
    const worked = await memoryOf(pid)
    return {
      name: `resources, ${kind}`,
      entry: values.entry,
      ...served,
      freshRssMb: fresh.rssMb,
      rssMb: worked.rssMb,
      peakRssMb: worked.peakMb,
      idleCpuPercent,
      idleCpuPercentBesideWarmPod: await cpuPercent(pid, idleMs),
    }
  } finally {
    server.kill('SIGTERM')
    await once(server, 'exit')
    await world.stop()
    await postgres?.stop()
    if (said !== '' && process.env.SHOW_LOG) process.stderr.write(said)
  }
}

async function cpuPercent(pid: number, ms: number): Promise<number> {
  const before = await cpuMsOf(pid)
  await pause(ms)
  return Math.round((((await cpuMsOf(pid)) - before) / ms) * 10_000) / 100
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
