import type { Finding, Line } from './line.ts'

/** A line and what was found, in the product as it is and in the broken one; null where that was not looked at. */
export interface Result {
  readonly line: Pick<Line, 'id' | 'claim' | 'without'>
  readonly sound: Finding
  readonly broken: Finding | null
}

/** Where and how the figures came about. */
export interface Circumstances {
  readonly date: string
  readonly machine: string
  readonly command: string
}

/** The claim was seen to hold, and the check was seen to fail where it must. */
export function stands({ sound, broken }: Result): boolean {
  return sound.faults.length === 0 && (broken === null || broken.faults.length > 0)
}

export function renderText(results: readonly Result[]): string {
  return results.map(renderResult).join('\n')
}

function renderResult(result: Result): string {
  const { line, sound, broken } = result
  const width = Math.max(...Object.keys(sound.figures).map((name) => name.length))
  const figures = Object.entries(sound.figures).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
  const faults = sound.faults.map((fault) => `  DOES NOT HOLD: ${fault}`)
  return `${[`${line.id}: ${line.claim}`, ...figures, ...faults, ...brokenLines(line.without, broken)].join('\n')}\n`
}

function brokenLines(without: string, broken: Finding | null): string[] {
  if (broken === null) return []
  if (broken.faults.length === 0) return [`  NOT NOTICED without ${without}`]
  return [`  noticed without ${without}:`, `    ${broken.faults[0]}`]
}

const HEAD = `# Several replicas

Three \`devloop serve\` processes on one PostgreSQL behind a plain balancer (round robin; it tries another replica only where a connection was
refused). GitHub, RunPod and Ollama are emulated outside of these processes, and count what reaches them. Each claim is looked at twice: in
the product as it is, and in one from which the named safeguard was taken out; there the same look must fail.

What it rests on: a delivery's id is the key of the inbox; work of one key is handed to one worker at a time; a leader drives the pods under
a lease of 15 s, and every write of it carries the lease's fence; caps are counted under a lock; migrations only add, and each says which
version can still read what it leaves; what GitHub could not deliver is asked for again every ten minutes, once it is two minutes old.
`

const BOUNDS = `## Bounds

| what | at most |
|---|---|
| a leader that died is followed | 17.5 s and a statement (lease 15 s, looked at every 2.5 s) |
| work of a replica that died is taken up | 10 s without a heartbeat, looked at every 4 s |
| SIGTERM to exit | 8 s |
| a fresh key | at once |
| a revoked key | 5 s |
| \`/status\` of one replica is older than that of another by | 5 s |
| a webhook lost on its way is asked for again | 12 min |

All replicas go by the clock of the database: each compares its own with it every five seconds, at once when its own was set, and says so
when they are apart. A release whose schema the running version cannot read says so in its notes: stop all replicas before it
starts. A link for logging in once is good only at the process that printed it.

Caps of a day, a month, a job, a person and an API key hold over all replicas. Of a key's own budget each call sets aside what it may cost
before it begins: where little is left, calls of that key wait for one another (30 s, then 429). What a replica had set aside when it died
is free again after an hour.

Each replica keeps to GitHub's limits (900 points and 80 pieces of new content a minute, counted here over any minute) by itself; several
together may be told by GitHub to wait, and wait. The emulated GitHub of these runs does not tell them.
Deliveries are worked off by one replica at a time, everything else by all. What a replica held when it died by \`kill -9\` waits for the
ten seconds of its heartbeat.
`

/** The page in docs/. */
export function renderPage(results: readonly Result[], { date, machine, command }: Circumstances): string {
  const rows = results.map(({ line, sound, broken }) => {
    const figures = Object.entries(sound.figures).map(([name, value]) => `${name} **${value}**`)
    const verdict = sound.faults.length === 0 ? 'holds' : `**does not hold**: ${sound.faults.join('; ')}`
    const proof =
      broken === null
        ? '-'
        : `${line.without}: ${broken.faults[0] === undefined ? '**not noticed**' : broken.faults[0]}`
    return `| ${cell(line.claim)} | ${cell(verdict)} | ${cell(figures.join(', '))} | ${cell(proof)} |`
  })
  return [
    HEAD,
    `## Measured\n\n${date}, ${machine}. This page is written by\n\n\`\`\`sh\n${command}\n\`\`\`\n`,
    `| claim | | figures | and without |\n|---|---|---|---|\n${rows.join('\n')}\n`,
    BOUNDS,
  ].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/gu, ' ')
}
