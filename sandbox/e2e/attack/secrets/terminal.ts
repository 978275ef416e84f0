import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runInProcess } from '../../../../cli/__support__/run-in-process.ts'
import { startProcess } from '../../../../cli/__support__/run-process.ts'
import { startOllama } from '../../../ollama/start.ts'
import { type Canary, shapeless } from './canary.ts'
import { startEchoingPostgres } from './echoing-postgres.ts'
import type { Evidence } from './find-hits.ts'
import type { SweepWorld } from './sweep-world.ts'

/** Commands in a terminal that holds every secret, in their good and their bad days. */
export async function runCommands(
  world: SweepWorld,
  diff: string,
): Promise<{ readonly evidence: readonly Evidence[]; readonly canaries: readonly Canary[] }> {
  const { folder, variables, vendors } = world
  const cwd = join(folder, 'terminal')
  await mkdir(cwd)
  await writeFile(join(cwd, 'change.diff'), diff)
  const evidence: Evidence[] = []
  const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const end = await runInProcess(args, { cwd, env: { ...variables, DEVLOOP_DATA: cwd, ...env } })
    evidence.push({ source: `devloop ${args.join(' ')}`, text: `${end.stdout}\n${end.stderr}` })
    return end
  }
  const ollama = await startOllama()
  const postgres = await startEchoingPostgres()
  const [databasePassword, urlPassword] = [shapeless(), shapeless()]
  const database = { DATABASE_URL: `postgres://devloop:${databasePassword}@127.0.0.1:${postgres.port}/devloop` }
  const withPassword = { DEVLOOP_ENGINE: ollama.url.replace('://', `://admin:${urlPassword}@`) }
  try {
    for (const format of ['text', 'json', 'markdown', 'sarif'])
      await run(['review', '--diff', 'change.diff', '--engine', ollama.url, '--format', format])
    await run(['doctor'])
    await run(['doctor', '--json'], database)
    await run(['keys', 'list'], database)
    await run(['serve', '--controller-only'], database)
    const { stdout, stderr } = await startProcess(['serve'], cwd, { ...variables, ...database }).end
    evidence.push({ source: 'devloop serve, a process', text: stdout + stderr })
    await run(['doctor'], withPassword)
    await run(['infer', 'hello'], withPassword)
    await run(['infer', 'hello', '--json'], withPassword)
    const controller = { CONTROLLER_URL: vendors.chat.url }
    await run(['pods', 'stop'], controller)
    vendors.chat.echo(/./, 403)
    await run(['pods', 'start', '--json'], controller)
    vendors.runpod.echo(/pods/, 401)
    vendors.github.echo(/./, 401)
    await run(['pods', 'list'])
    await run(['pods', 'reap', '--json'])
    await run(['doctor', '--json'])
    await run(['infer', 'hello'])
    for (const name of ['WEBHOOK_SECRET', 'PRIVATE_KEY', 'DATABASE_URL', 'ALERT_WEBHOOK_URL'])
      await run(['doctor'], { [name]: `no ${variables[name] ?? databasePassword}` })
  } finally {
    vendors.runpod.stopEchoing()
    vendors.github.stopEchoing()
    await ollama.stop()
    await postgres.stop()
  }
  return {
    evidence,
    canaries: [
      { name: 'DATABASE_URL', value: databasePassword },
      { name: 'password in an address', value: urlPassword },
    ],
  }
}
