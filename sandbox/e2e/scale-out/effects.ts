import type { Cluster } from './cluster.ts'
import { readDeliveries } from './database-views.ts'
import { said } from '../__support__/said.ts'
import type { Traffic } from './traffic.ts'

const CHECK = 'devloop/governance'

/** What became of a traffic, counted at GitHub and in the inbox. */
export interface Effects {
  readonly sent: number
  readonly lost: readonly string[]
  readonly twice: readonly string[]
  readonly replies: number
  readonly checks: number
}

/** Every delivery once in the inbox, every command answered once, every newest head checked once: what is missing, and what is too much. */
export async function countEffects(cluster: Cluster, traffic: Traffic, guids: ReadonlySet<string>): Promise<Effects> {
  const { kept, failed } = await readDeliveries(cluster.database)
  const lost = [...guids].filter((guid) => !kept.has(guid)).map((guid) => `delivery ${guid}`)
  lost.push(...failed.map((guid) => `delivery ${guid} failed`))
  const twice = [...kept].filter(([, count]) => count > 1).map(([guid, count]) => `delivery ${guid} ${count} times`)
  let replies = 0
  let checks = 0
  for (const { word, change } of traffic.words) {
    const answers = said(change).replies.filter(({ body }) => body.includes(word)).length
    replies += answers
    if (answers === 0) lost.push(`the answer to ${word}`)
    if (answers > 1) twice.push(`${answers} answers to ${word}`)
  }
  for (const [change, headSha] of traffic.heads) {
    const runs = [...change.repository.runs.values()].filter(({ name }) => name === CHECK)
    checks += runs.length
    if (!runs.some((run) => run.headSha === headSha && run.status === 'completed')) lost.push(`the check on ${headSha}`)
    for (const [sha, same] of Map.groupBy(runs, (run) => run.headSha))
      if (same.length > 1) twice.push(`${same.length} checks on ${sha}`)
  }
  return { sent: guids.size, lost, twice, replies, checks }
}

/** At most a few examples of many. */
export function faultOf(what: string, found: readonly string[]): string[] {
  if (found.length === 0) return []
  const more = found.length > 3 ? ` and ${found.length - 3} more` : ''
  return [`${found.length} ${what}: ${found.slice(0, 3).join(', ')}${more}`]
}
