import { openChange } from '../../sandbox/e2e/__support__/open-change.ts'
import { said } from '../../sandbox/e2e/__support__/said.ts'
import type { SandboxWorld } from '../../sandbox/e2e/__support__/sandbox-world.ts'
import { until } from '../../sandbox/e2e/__support__/until.ts'

const WAIT_MS = 60_000

export interface Served {
  readonly reviews: number
  readonly prompts: number
}

/** Has a server do what servers do: reviews of pull requests of their own, and prompts at the controller, until all have ended. */
export async function serveJobs(world: SandboxWorld, url: string, key: string, jobs: number): Promise<Served> {
  const reviews = Math.round(jobs / 5)
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', prefer: 'respond-async' }
  const ended = async (path: string) => {
    const job = (await (await fetch(`${url}${path}`, { headers })).json()) as { readonly outcome: string | null }
    return job.outcome !== null
  }
  const paths: string[] = []
  for (let n = 0; n < jobs - reviews; n++) {
    const body = JSON.stringify({ prompt: `Say what ${n} is good for.` })
    const answer = await fetch(`${url}/infer`, { method: 'POST', headers, body })
    paths.push(answer.headers.get('location') ?? '')
  }
  for (const path of paths) await until(`the end of ${path}`, () => ended(path), WAIT_MS)
  // One after the other: a person may have two at a time, and the third would be refused.
  for (let n = 0; n < reviews; n++) {
    const change = await openChange(world, `acme/orders-${n}`)
    change.ada.comment(change.number, '/devloop review')
    await until(`the review of ${change.name}`, () => said(change).summaries.length > 0, WAIT_MS)
  }
  return { reviews, prompts: jobs - reviews }
}
