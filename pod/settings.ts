/** What the guard is told through the environment of its pod. Durations in milliseconds, times since the epoch. */
export interface GuardSettings {
  readonly host: string
  readonly port: number
  /** Null: nobody can be let in. */
  readonly token: string | null
  readonly ollamaUrl: string
  /** Absolute, so that a restarted container cannot live longer. Absent or unreadable counts as past. */
  readonly deadlineAt: number
  readonly podId: string | null
  readonly apiKey: string | null
  readonly apiUrl: string
  readonly model: string | null
  /** Load-time values of the real calls: `num_ctx`, `shift`, ... */
  readonly loadOptions: Readonly<Record<string, unknown>>
  readonly heartbeatMs: number
  readonly bootGraceMs: number
  readonly idleMs: number
  readonly removeEveryMs: number
  readonly checkEveryMs: number
  /** The command that serves models; null when somebody else starts it. */
  readonly ollamaCommand: readonly string[] | null
  readonly maxBodyBytes: number
  /** What was wrong with the environment, one sentence each. A guard with problems still ends its pod. */
  readonly problems: readonly string[]
}

const minuteMs = 60_000

/** Reads the environment without ever throwing: a guard that does not start cannot end its pod. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): GuardSettings {
  const problems: string[] = []
  const text = (name: string): string | null => environment[name]?.trim() || null
  const number = (name: string, fallback: number): number => {
    const value = text(name)
    if (value === null) return fallback
    if (/^\d+$/.test(value)) return Number(value)
    problems.push(`${name} must be a whole number; it is not, so ${fallback} is used.`)
    return fallback
  }
  const token = text('GUARD_TOKEN')
  if (token === null) problems.push('GUARD_TOKEN is missing, so every request is refused.')
  const deadlineAt = readTime(text('GUARD_DEADLINE'))
  if (deadlineAt === null) problems.push('GUARD_DEADLINE is missing or no time, so the pod is removed at once.')
  return {
    host: text('GUARD_HOST') ?? '0.0.0.0',
    port: number('GUARD_PORT', 8_080),
    token,
    ollamaUrl: text('OLLAMA_URL') ?? 'http://127.0.0.1:11434',
    deadlineAt: deadlineAt ?? 0,
    podId: text('RUNPOD_POD_ID'),
    apiKey: text('RUNPOD_API_KEY'),
    apiUrl: (text('RUNPOD_API_URL') ?? 'https://api.runpod.io/v2').replace(/\/+$/, ''),
    model: text('GUARD_MODEL'),
    loadOptions: readObject(text('GUARD_LOAD_OPTIONS'), problems),
    heartbeatMs: number('GUARD_HEARTBEAT_MS', 15 * minuteMs),
    bootGraceMs: number('GUARD_BOOT_GRACE_MS', 25 * minuteMs),
    idleMs: number('GUARD_IDLE_MS', 12 * minuteMs),
    removeEveryMs: number('GUARD_REMOVE_EVERY_MS', minuteMs),
    checkEveryMs: number('GUARD_CHECK_EVERY_MS', 5_000),
    ollamaCommand: text('GUARD_OLLAMA_COMMAND')?.split(/\s+/) ?? null,
    maxBodyBytes: number('GUARD_MAX_BODY_BYTES', 32 * 1024 * 1024),
    problems,
  }
}

/** ISO text, or seconds or milliseconds since the epoch. */
function readTime(value: string | null): number | null {
  if (value === null) return null
  if (/^\d+$/.test(value)) return Number(value) < 1e11 ? Number(value) * 1_000 : Number(value)
  const parsed = Date.parse(value)
  return Number.isNaN(parsed) ? null : parsed
}

function readObject(value: string | null, problems: string[]): Readonly<Record<string, unknown>> {
  if (value === null) return {}
  try {
    const parsed: unknown = JSON.parse(value)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed }
  } catch {
    // Falls through to the sentence below.
  }
  problems.push('GUARD_LOAD_OPTIONS must be a JSON object; it is not, so none are used.')
  return {}
}
