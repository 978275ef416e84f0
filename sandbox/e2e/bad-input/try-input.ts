import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRunpod } from '../../runpod/start.ts'
import { type BadInput, type Databases, SECRETS } from './cases.ts'
import { runDevloop } from './run-devloop.ts'

export interface Outcome {
  readonly code: number | null
  /** What was said besides the progress; places and ports of this machine are replaced. */
  readonly sentence: string
  readonly output: string
  readonly pods: number
  readonly left: number
}

const PROGRESS = /^ +\d+\.\d s {2}.*\n/gm

/** Makes one mistake with an account and a folder of its own. */
export async function tryInput(input: BadInput, databases: Databases | undefined): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'devloop-bad-input-'))
  const data = join(folder, 'data')
  const runpod = await startRunpod({
    podRuntime: 'light',
    boot: { provisioningMs: 10, startingMs: 10 },
    apiKey: SECRETS.key,
    ...input.account,
  })
  await mkdir(data)
  const undo = await input.prepare?.(data)
  if (input.policy !== undefined) await writeFile(join(data, 'devloop.yml'), `version: 1\n${input.policy}\n`)
  const database = input.database === undefined ? undefined : databases?.[input.database]
  try {
    const { code, stdout, stderr } = await runDevloop(input.args, {
      cwd: folder,
      env: {
        RUNPOD_API_URL: runpod.url,
        RUNPOD_PROXY_URL: runpod.proxyUrl,
        RUNPOD_API_KEY: SECRETS.key,
        DEVLOOP_DATA: data,
        PORT: '0',
        ...(database === undefined ? {} : { DATABASE_URL: database }),
        ...input.env,
      },
      ...(input.onceReady === undefined ? {} : { onceReady: () => input.onceReady?.(runpod) }),
      ...(input.disk === undefined ? {} : { disk: { kind: input.disk, path: data } }),
    })
    return {
      code,
      output: stdout + stderr,
      sentence: (stdout + stderr)
        .replace(PROGRESS, '')
        .replaceAll(data, 'DATA')
        .replaceAll(new URL(database ?? 'postgres://127.0.0.1:1').host, 'HOST:PORT')
        .replace(/this one knows \d+/, 'this one knows an older one')
        .replaceAll(/\s+/g, ' ')
        .trim(),
      pods: runpod.pods().length,
      left: runpod.livePods().length,
    }
  } finally {
    undo?.()
    await runpod.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
