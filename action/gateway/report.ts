import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** What the gateway tells the step that started it. */
export const gatewayMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('phase'), text: z.string() }),
  z.object({
    kind: z.literal('ready'),
    url: z.string(),
    key: z.string(),
    model: z.string(),
    podName: z.string().nullable(),
    gpu: z.string().nullable(),
  }),
  /** The engine is away under those who use it; what was rented is being given back. */
  z.object({ kind: z.literal('lost'), message: z.string(), exitCode: z.number() }),
  z.object({ kind: z.literal('failed'), message: z.string(), exitCode: z.number() }),
])
export type GatewayMessage = z.output<typeof gatewayMessage>

/** The reason of an end that was asked for. */
export const GIVEN_BACK = 'given back'

const end = z.object({
  costUsd: z.number(),
  podName: z.string().nullable(),
  isProvenGone: z.boolean(),
  /** Why it ended. */
  reason: z.string(),
})
/** What `post` finds when the gateway has given everything back. */
export type GatewayEnd = z.output<typeof end>

export function writeGatewayPid(folder: string, pid: number): void {
  writeFileSync(join(folder, 'gateway.pid'), String(pid))
}

/** Null when none was started. */
export function readGatewayPid(folder: string): number | null {
  const path = join(folder, 'gateway.pid')
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0
  return Number.isInteger(pid) && pid > 1 ? pid : null
}

export function writeGatewayEnd(folder: string, value: GatewayEnd): void {
  const path = join(folder, 'end.json')
  writeFileSync(`${path}.part`, JSON.stringify(value))
  renameSync(`${path}.part`, path)
}

/** Null while it has not ended, or when it was killed. */
export function readGatewayEnd(folder: string): GatewayEnd | null {
  const path = join(folder, 'end.json')
  return existsSync(path) ? (end.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? null) : null
}
