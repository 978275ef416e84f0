import { closeHttp } from '../../parts/http.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import { readServerConfig } from '../../parts/server-config.ts'
import {
  appLine,
  databaseLine,
  type Diagnosis,
  diagnose,
  engineLine,
  modelLine,
  runpodLine,
  variableLines,
  webhookLine,
} from '../doctor-checks.ts'
import { painter, table } from '../style.ts'
import type { CliWorld, CommandResult } from '../world.ts'

const TONES = { good: 'good', warning: 'warn', wrong: 'bad', unset: 'dim' } as const
const SIGNS = { good: '✓', warning: '!', wrong: '✗', unset: '-' } as const

/** `devloop doctor`: one line for everything a server needs, with the remedy. Exit 1 when something is wrong. */
export async function doctor(options: { readonly json?: boolean }, world: CliWorld): Promise<CommandResult> {
  const environment = readEnvironment(world.env, world.cwd)
  const patient = { environment, config: await readServerConfig(environment, world.cwd), signal: world.signal }
  try {
    const engine = environment.DEVLOOP_ENGINE === 'runpod' ? runpodLine : engineLine
    const looks = [
      ['GitHub App', appLine],
      ['webhook', webhookLine],
      [engine === runpodLine ? 'RunPod' : 'engine', engine],
      ['model', modelLine],
      ['database', databaseLine],
    ] as const
    const looked = await Promise.all(looks.map(([name, look]) => diagnose(name, () => look(patient))))
    const lines: readonly Diagnosis[] = [...variableLines(patient), ...looked]
    const isWell = lines.every(({ state }) => state !== 'wrong')
    if (options.json) world.stdout(`${JSON.stringify({ ok: isWell, checks: lines })}\n`)
    else {
      const paint = painter(world)
      const rows = lines.map(({ name, state, message, remedy }) => [
        paint(TONES[state], SIGNS[state]),
        name,
        `${state === 'unset' ? paint('dim', message) : message}${remedy === '' ? '' : ` → ${remedy}`}`,
      ])
      world.stdout(`${table(rows)}\n`)
    }
    return { exitCode: isWell ? 0 : 1 }
  } finally {
    await closeHttp()
  }
}
