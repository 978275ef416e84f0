import { setTimeout as sleep } from 'node:timers/promises'
import type { GithubSandbox } from '../../sandbox/github/github-sandbox.ts'
import { CHECK, type OpenChange } from './open-change.ts'
import { DANGER_LOGIN, runDanger } from './run-danger.ts'

const PATIENCE_MS = 60_000

export interface Evaluation {
  readonly ms: number
  readonly calls: number
  /** Answered with 304, which GitHub does not count towards its limit. */
  readonly unchanged: number
  readonly writes: number
}

/**
 * All that happens until a pull request of a repository nobody has seen is open, approved and green, told at once; from the moment its
 * webhooks leave to the conclusion on its head.
 */
export async function evaluateFirst(
  github: GithubSandbox,
  open: () => Promise<OpenChange>,
): Promise<{ readonly change: OpenChange; readonly first: Evaluation }> {
  await quiet(github)
  github.holdWebhooks()
  const change = await open()
  github.resetCalls()
  const startedAt = performance.now()
  github.releaseWebhooks()
  await concluded(github, change.name, change.headSha)
  const ms = performance.now() - startedAt
  await quiet(github)
  return { change, first: { ms, ...countOf(github, false) } }
}

/** Until all of these are judged, and as much may be asked of GitHub again as if nobody had asked anything. */
export async function rested(github: GithubSandbox, changes: readonly OpenChange[], restMs: number): Promise<void> {
  for (const { name, headSha } of changes) await concluded(github, name, headSha)
  await quiet(github)
  await sleep(restMs)
}

/** A push to the pull request, from the moment its webhooks leave to the conclusion on its new head. */
export async function evaluateOnce(github: GithubSandbox, change: OpenChange, nth: number): Promise<Evaluation> {
  await quiet(github)
  github.holdWebhooks()
  const headSha = await pushTo(github, change, nth)
  github.resetCalls()
  const startedAt = performance.now()
  github.releaseWebhooks()
  await concluded(github, change.name, headSha)
  const ms = performance.now() - startedAt
  await quiet(github)
  return { ms, ...countOf(github, false) }
}

/** Danger on a head of its own, so that neither finds the other's check. */
export async function runDangerOnce(
  github: GithubSandbox,
  change: OpenChange,
  dangerfile: Parameters<typeof runDanger>[2],
): Promise<Evaluation> {
  await quiet(github)
  github.holdWebhooks()
  github.resetCalls()
  const ms = await runDanger(github, change, dangerfile)
  const counted = countOf(github, true)
  github.releaseWebhooks()
  return { ms, ...counted }
}

export interface Burst {
  readonly evaluationsPerSecond: number
  readonly eventsPerSecond: number
}

/** A push to every pull request in the same moment, until the last is concluded. */
export async function evaluateAll(github: GithubSandbox, changes: readonly OpenChange[], nth: number): Promise<Burst> {
  await quiet(github)
  github.holdWebhooks()
  const before = github.deliveries.length
  const heads: (readonly [string, string])[] = []
  for (const change of changes) heads.push([change.name, await pushTo(github, change, nth)])
  const events = github.deliveries.length - before
  const startedAt = performance.now()
  github.releaseWebhooks()
  for (const [name, headSha] of heads) await concluded(github, name, headSha)
  const seconds = (performance.now() - startedAt) / 1_000
  return { evaluationsPerSecond: changes.length / seconds, eventsPerSecond: events / seconds }
}

async function pushTo(github: GithubSandbox, { name }: OpenChange, nth: number): Promise<string> {
  return github
    .as('bob', name)
    .push('phase-1/louder', { 'src/part-0/file-0.ts': `say(${nth})\n` }, `Say it ${nth} times`)
}

async function concluded(github: GithubSandbox, name: string, headSha: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  while (performance.now() < until) {
    for (const run of github.repository(name).runs.values())
      if (run.name === CHECK && run.headSha === headSha && run.conclusion !== null) return
    await sleep(1)
  }
  throw new Error(`${CHECK} on ${name}@${headSha} was not concluded within ${PATIENCE_MS / 1_000} s.`)
}

/** No webhook is under way and no call came for a while: what follows one event must not be counted with the next. */
async function quiet(github: GithubSandbox): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  for (let seen = -1; seen !== github.calls.length && performance.now() < until; ) {
    seen = github.calls.length
    await github.webhooksSettled()
    await sleep(150)
  }
}

/** What one of the two asked GitHub: what the other still does meanwhile is not counted. */
function countOf(github: GithubSandbox, isDanger: boolean) {
  const calls = github.calls.filter(({ caller }) => caller.includes(DANGER_LOGIN) === isDanger)
  return {
    calls: calls.length,
    unchanged: calls.filter(({ status }) => status === 304).length,
    writes: calls.filter(({ method }) => method !== 'GET').length,
  }
}
