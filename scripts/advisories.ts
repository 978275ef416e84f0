import { spawnSync } from 'node:child_process'
import { z } from 'zod'

/** Advisories that were looked at and cannot hurt here: id, why, and the day after which that has to be looked at again. */
const ACCEPTED: readonly { readonly id: string; readonly why: string; readonly until: string }[] = []

const via = z.object({ url: z.string(), title: z.string(), severity: z.string() })
const report = z.object({
  vulnerabilities: z.record(z.string(), z.object({ via: z.array(z.union([z.string(), via])) })),
})

export type Advisories =
  | { readonly kind: 'read'; readonly problems: readonly string[] }
  /** The registry did not answer the question: nothing is known. */
  | { readonly kind: 'skipped'; readonly why: string }

/** Asks the registry for known holes in what the lock file names. */
export function readAdvisories(today: string): Advisories {
  const run = spawnSync('npm', ['audit', '--json', '--package-lock-only', '--audit-level=none'], {
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
  })
  return advisoriesOf(run.stdout ?? '', today)
}

/** What `npm audit --json` printed. */
export function advisoriesOf(text: string, today: string): Advisories {
  const parsed = report.safeParse(parseJson(text))
  if (!parsed.success) return { kind: 'skipped', why: firstLine(text) }
  const accepted = new Set(ACCEPTED.filter(({ until }) => until >= today).map(({ id }) => id))
  const problems = Object.entries(parsed.data.vulnerabilities).flatMap(([name, { via: causes }]) =>
    causes.flatMap((cause) => {
      if (typeof cause === 'string') return []
      const id = cause.url.slice(cause.url.lastIndexOf('/') + 1)
      return accepted.has(id) ? [] : [`${name}: ${cause.severity}, ${cause.title} (${id})`]
    }),
  )
  return { kind: 'read', problems: [...new Set(problems)] }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function firstLine(text: string): string {
  const said = z.object({ message: z.string() }).safeParse(parseJson(text))
  return said.success ? said.data.message : (text.trim().split('\n', 1)[0] ?? '').slice(0, 200) || 'npm said nothing'
}
