import { createHmac, randomUUID } from 'node:crypto'
import { startApp } from '../../../../app/webhooks/fakes/start-app.ts'
import { factKeys } from '../../../../jobs/snapshot/fact-keys.ts'
import { commitSha, repositoryName } from '../../../../ports/ids.ts'
import { until } from '../../__support__/until.ts'
import { ACTORS, type Actor, VISIBILITIES, type Visibility } from './actors.ts'

/** Limits of people would end the matrix after two jobs each. */
const POLICY = `version: 1
budget: {perUserJobsPerDay: 1000, perUserConcurrent: 100}
`

/** What a busy machine fails at first is tried again after 15 seconds, then after 30. */
const PATIENCE_MS = 120_000

export interface Place {
  readonly visibility: Visibility
  readonly isFork: boolean
  readonly repository: string
  readonly number: number
  readonly headSha: string
}

/** What a comment led to, as anybody can see it. */
export type Effect = 'not heard' | 'refused' | 'done'

export interface Observed {
  readonly effect: Effect
  readonly reply: string | null
  readonly changed: readonly string[]
}

export interface Door {
  readonly app: Awaited<ReturnType<typeof startApp>>
  readonly places: readonly Place[]
  /** A signed webhook about a comment of somebody's, as GitHub sends it; what followed from it. */
  say(actor: Actor, place: Place, body: string, over?: Readonly<Record<string, unknown>>): Promise<Observed>
  deliver(event: string, payload: unknown): Promise<void>
  observe(place: Place, work: () => Promise<number>): Promise<Observed>
  stop(): Promise<void>
}

/** The App behind its real door, over three repositories with two pull requests each: one of the house and one of a fork. */
export async function openDoor(): Promise<Door> {
  const app = await startApp()
  const { github, registration, installation } = app.shop
  github.createUser('forker')
  for (const { user, name } of ACTORS)
    if (user?.type === 'User' && user.login !== 'alice' && !user.login.includes('[') && name !== 'suspended')
      github.createUser(user.login)
  const places: Place[] = []
  for (const visibility of VISIBILITIES) places.push(...(await openPlaces(visibility)))
  await app.settled()
  github.setWebhookUrl(registration, null)

  async function openPlaces(visibility: Visibility): Promise<readonly Place[]> {
    const repository = `acme/${visibility}`
    const known = Object.fromEntries(
      ACTORS.flatMap(({ user, role }) => (user === null || role === null ? [] : [[user.login, role]])),
    )
    // Members of the organisation may read what is internal.
    const asMember = visibility === 'internal' ? { mallory: 'read' as const } : {}
    await github.createRepository(repository, {
      private: visibility !== 'public',
      collaborators: { ...known, ...asMember, forker: 'read' },
      files: { 'README.md': '# here\n', '.github/devloop.yml': POLICY },
    })
    const wendy = github.as('wendy', repository)
    const own = await wendy.push('topic', { 'src/a.ts': 'own\n' }, 'Own')
    const ofHouse = await wendy.openPullRequest({ title: 'Own', head: 'topic', base: 'main' })
    const fork = await github.fork(repository, 'forker')
    const forker = github.as('forker', `forker/${fork.name}`)
    const theirs = await forker.push('theirs', { 'src/b.ts': 'theirs\n' }, 'Theirs')
    const ofFork = await github
      .as('forker', repository)
      .openPullRequest({ title: 'Theirs', head: 'forker:theirs', base: 'main' })
    return [
      { visibility, isFork: false, repository, number: ofHouse.number, headSha: own },
      { visibility, isFork: true, repository, number: ofFork.number, headSha: theirs },
    ]
  }

  async function deliver(event: string, payload: unknown): Promise<void> {
    const body = JSON.stringify(payload)
    const signature = createHmac('sha256', registration.webhookSecret ?? '')
      .update(body)
      .digest('hex')
    const answer = await fetch(app.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-event': event,
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${signature}`,
      },
      body,
    })
    if (answer.status !== 202) throw new Error(`the webhook was answered with ${answer.status}`)
    const isDone = async () => (await app.store.deliveries.countByFate()).undone === 0
    await until('the delivery to be done', isDone, PATIENCE_MS)
  }

  /** Everything a command can change, in one text. */
  async function stateOf({ repository, number, headSha }: Place): Promise<Readonly<Record<string, string>>> {
    const name = repositoryName.parse(repository)
    const { store, jobs } = app
    return {
      jobs: String(jobs.length),
      cancelled: (await store.jobs.listOpen(10_000)).filter(({ cancelRequested }) => cancelRequested).length.toString(),
      paused: String((await store.facts.get(factKeys.paused(name, number))) !== undefined),
      waivers: JSON.stringify(await store.governance.listWaivers(name, number, commitSha.parse(headSha))),
      dismissals: JSON.stringify(await store.reviews.listDismissals(name, number)),
    }
  }

  async function observe(place: Place, work: () => Promise<number>): Promise<Observed> {
    const { issueComments, reactions } = github.repository(place.repository)
    const before = await stateOf(place)
    const known = new Set(issueComments.keys())
    const id = await work()
    const after = await stateOf(place)
    const own = [...reactions.values()].filter(({ subjectId, login }) => subjectId === id && login === 'devloop[bot]')
    const replies = [...issueComments.values()].filter(
      (comment) => !known.has(comment.id) && comment.authorLogin === 'devloop[bot]',
    )
    const isRefused = own.some(({ content }) => content === 'confused')
    const isHeard = own.length > 0 || replies.length > 0
    return {
      effect: isRefused ? 'refused' : isHeard ? 'done' : 'not heard',
      reply: replies[0]?.body ?? null,
      changed: Object.keys(before).filter((key) => before[key] !== after[key]),
    }
  }

  return {
    app,
    places,
    deliver,
    observe,
    say: (actor, place, body, over = {}) =>
      observe(place, async () => {
        const { id, createdAt } = github.as('alice', place.repository).comment(place.number, body)
        await deliver('issue_comment', {
          action: 'created',
          installation: { id: installation.id },
          repository: {
            full_name: place.repository,
            private: place.visibility !== 'public',
            visibility: place.visibility,
          },
          issue: { number: place.number, pull_request: {} },
          comment: {
            id,
            user: actor.user,
            body,
            created_at: createdAt,
            html_url: 'https://github.test/c',
            // What GitHub calls an association gives no right.
            author_association: 'OWNER',
          },
          sender: { login: 'alice', type: 'User' },
          ...over,
        })
        return id
      }),
    stop: () => app.stop(),
  }
}
