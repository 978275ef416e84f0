import { randomBytes } from 'node:crypto'
import { BUGGY, type OpenChange, openChange } from '../../__support__/open-change.ts'
import type { SandboxWorld } from '../../__support__/sandbox-world.ts'
import { type Canary, shapeless } from './canary.ts'

/** A change that commits secrets of its author's; vendors give three of them a look, the others have only their place. */
export interface LeakyChange extends OpenChange {
  readonly canaries: readonly Canary[]
  /** Lines on which a secret is committed. */
  readonly places: readonly (readonly [path: string, line: number])[]
  readonly token: string
}

export async function openLeakyChange(world: SandboxWorld, name: string): Promise<LeakyChange> {
  const token = `ghp${'_'}${shapeless().slice(0, 36)}`
  const password = shapeless().slice(0, 24)
  const assigned = shapeless()
  const fromEnv = shapeless()
  const keyLines = [0, 1, 2].map(() => randomBytes(48).toString('base64'))
  const code = [
    `export const githubToken = '${token}'`,
    `export const database = 'postgres://app:${password}@db.internal/app'`,
    `export function connect(apiSecret = "${assigned}") {`,
    '  // A first line that the model gets to see as the place of what follows.',
    ...Array.from({ length: 12 }, (_, at) => `  prepare(${at})`),
    '  return open(apiSecret)',
    '}',
  ]
  const pem = ['-----BEGIN RSA PRIVATE KEY-----', ...keyLines, '-----END RSA PRIVATE KEY-----']
  const change = await openChange(world, name, {
    title: `Connect with ${token}`,
    body: `Use \`postgres://app:${password}@db.internal/app\` and ${token} for tests.`,
    head: {
      'src/orders.ts': BUGGY,
      'src/connect.ts': `${code.join('\n')}\n`,
      '.env': `PAYMENT_API_KEY=${fromEnv}\n`,
      'deploy.pem': `${pem.join('\n')}\n`,
    },
  })
  const values = { 'committed token': token, 'committed password': password, 'assigned secret': assigned }
  return {
    ...change,
    token,
    canaries: [
      ...Object.entries({ ...values, 'secret of a .env': fromEnv }).map(([named, value]) => ({ name: named, value })),
      ...keyLines.map((value) => ({ name: 'committed key', value })),
    ],
    places: [
      ['.env', 1],
      ['deploy.pem', 1],
      ['src/connect.ts', 1],
      ['src/connect.ts', 2],
      ['src/connect.ts', 3],
    ],
  }
}
