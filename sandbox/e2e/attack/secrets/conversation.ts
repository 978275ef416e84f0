import { watchAlerts } from '../../../../app/alerts/watch-alerts.ts'
import { defaultConfig } from '../../../../config/resolved-config.ts'
import { httpFetch } from '../../../../parts/http.ts'
import { openChange } from '../../__support__/open-change.ts'
import { until } from '../../__support__/until.ts'
import type { LeakyChange } from './leaky-change.ts'
import type { SweepWorld } from './sweep-world.ts'

/** Ten jobs at once on a busy machine. */
const PATIENCE_MS = 120_000

/** Nothing is under way any more. */
async function settled({ server, github }: SweepWorld): Promise<void> {
  const { store } = server.parts
  await until(
    'an idle product',
    async () => {
      await github.webhooksSettled()
      const { undone } = await store.deliveries.countByFate()
      return undone === 0 && (await store.jobs.listOpen(5)).length === 0
    },
    PATIENCE_MS,
  )
}

/** People who type their secrets into commands, on a change that holds more of them. */
export async function talkAbout(world: SweepWorld, change: LeakyChange): Promise<void> {
  const { ada, bob, cleo, number, token } = change
  ada.comment(number, `/devloop review what becomes of ${token}`)
  bob.comment(number, `/devloop ask Is ${token} used anywhere?`)
  cleo.comment(number, `/infer Explain ${token} in one sentence.`)
  await cleo.commentOnLine(number, { path: 'src/connect.ts', line: 2, side: 'RIGHT' }, '/infer What is on this line?')
  await settled(world)
}

/** The same against vendors that refuse, and repeat in their refusals what they were told. */
export async function talkToEchoes(world: SweepWorld, isWanted = (_command: string) => true): Promise<void> {
  const { github, runpod } = world.vendors
  const { ada, bob, cleo, number } = await openChange(world, 'acme/echoes')
  await settled(world)
  const bad: readonly (readonly [by: typeof ada, command: string, prepare: () => void])[] = [
    // No pod is there yet, so one is asked for.
    [ada, '/infer first', () => runpod.echo(/POST .*\/pods$/, 400)],
    [bob, '/devloop review second', () => runpod.echo(/POST .*\/pods$/, 401)],
    [ada, '/infer third', () => runpod.echo(/api\/chat/, 401)],
    [bob, '/devloop ask fourth?', () => runpod.echo(/api\/chat/, 400)],
    [cleo, '/devloop review fifth', () => runpod.echo(/api\/chat/, 400)],
    [cleo, '/devloop review sixth', () => github.echo(/pulls\/\d+\/files/, 401, 6)],
    [ada, '/devloop review --full', () => github.echo(/POST .*\/pulls\/\d+\/reviews/, 422, 3)],
    [bob, '/devloop check', () => github.echo(/check-runs/, 403, 3)],
    [bob, '/devloop status', () => github.echo(/POST .*\/access_tokens/, 401, 1)],
  ]
  for (const [person, command, prepare] of bad.filter(([, command]) => isWanted(command))) {
    prepare()
    person.comment(number, command)
    await settled(world)
    runpod.stopEchoing()
    github.stopEchoing()
  }
}

/** Everything that was rented is given back. */
export async function giveBack({ server, apiKey, runpod }: SweepWorld): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  await fetch(`${server.url}/shutdown`, { method: 'POST', headers, body: '{"force":true}' })
  await until('the last pod to be gone', () => runpod.livePods().length === 0)
}

/** An alert that is told, and one that its webhook refuses. */
export async function alert({ server, vendors, variables }: SweepWorld): Promise<void> {
  const { parts } = server
  const webhookUrl = variables.ALERT_WEBHOOK_URL ?? ''
  for (const [at, fetch] of [httpFetch, echoingFetch].entries()) {
    const over = new AbortController()
    await parts.store.facts.set('fleet/swept', { count: at + 1, pod: `devloop-${at}` })
    const before = vendors.chat.requests.length
    const watched = watchAlerts(
      {
        ...parts,
        budget: defaultConfig().budget,
        webhookUrl,
        fetch: fetch as unknown as Parameters<typeof watchAlerts>[0]['fetch'],
        // The server's own watch holds the lease; this one looks now.
        store: { ...parts.store, leases: { ...parts.store.leases, acquire: async () => 1 as never } },
      },
      over.signal,
    )
    await until('an alert', () => vendors.chat.requests.length > before)
    over.abort(new Error('seen'))
    await watched
  }

  async function echoingFetch(url: string, init: Parameters<typeof httpFetch>[1]) {
    await httpFetch(url, init)
    throw new TypeError(`fetch failed: ${url}`, { cause: new Error(`POST ${url}`) })
  }
}
