import { type Context, Hono } from 'hono'
import { jobId } from '../../ports/ids.ts'
import { isCodedError } from '../../ports/errors.ts'
import { addAssetRoutes } from './assets.ts'
import { createEventStreams } from './event-stream.ts'
import { type DashboardEnv, formLimit, hasScope, requireButton, requireSession, securityHeaders } from './guard.ts'
import { jobTitle } from './job-table.ts'
import { type Page, pageLayout, type Viewer } from './layout.ts'
import { addLoginRoutes } from './login-routes.ts'
import { createOnceLinks } from './once-links.ts'
import { governanceView, readGovernance } from './pages/governance.ts'
import { healthView, readHealth } from './pages/health.ts'
import { jobView, readJob } from './pages/job.ts'
import { jobsView, readJobs } from './pages/jobs.ts'
import { moneyView, readMoney } from './pages/money.ts'
import { nowView, readNow } from './pages/now.ts'
import { readSpeed, speedView } from './pages/speed.ts'
import { stopView } from './pages/stop.ts'
import { readVerdict, verdictView } from './pages/verdict.ts'
import type { DashboardParts } from './parts.ts'
import { refusalPage } from './refusal-page.ts'
import { createSessions } from './session.ts'
import { createSessionSecret } from './session-secret.ts'

const MOST_OPEN_COUNTED = 100

export interface Dashboard {
  readonly room: Hono<DashboardEnv>
  /** The path of a log-in that works once, for whoever started the server. */
  createLoginPath(validMs: number): string
  /** Ends open event streams, so that the server can stop. */
  close(): void
}

/** The pages people keep open: read through the store, whole without script, nothing to be had without a log-in. */
export function createDashboard(parts: DashboardParts): Dashboard {
  const { store, clock, random, log } = parts
  const sessions = createSessions({
    secret: createSessionSecret({ facts: store.facts, clock, random, pepper: parts.sessionPepper }),
    keys: store.keys,
    clock,
    random,
    isSecure: parts.publicUrl?.startsWith('https:') ?? false,
  })
  const links = createOnceLinks({ clock, random })
  const streams = createEventStreams(parts)
  const room = new Hono<DashboardEnv>()

  room.onError((error, context) => {
    log.error({ error: error.message, path: context.req.path }, 'A page of the dashboard failed.')
    const sentence = isCodedError(error) ? `${error.message} ${error.remedy}` : 'Try again; the log says more.'
    return context.html(refusalPage('The page could not be made', sentence), 500)
  })
  for (const path of ['/dashboard', '/dashboard/*', '/login', '/login/*', '/logout']) room.use(path, securityHeaders)
  const open = room as unknown as Hono
  addAssetRoutes(open)
  addLoginRoutes(open, parts, sessions, links)

  const signedIn = requireSession(sessions)
  room.use('/dashboard', signedIn)
  room.use('/dashboard/*', signedIn)
  room.get('/dashboard/events', (context) => streams.open(context))

  const viewerOf = async (context: Context<DashboardEnv>): Promise<Viewer> => {
    const session = context.get('session')
    return {
      who: session.who,
      mayControl: hasScope(session, 'control'),
      csrf: await sessions.csrfToken(context, session),
    }
  }
  const show = async (
    context: Context<DashboardEnv>,
    title: string,
    place: Page['place'],
    body: (viewer: Viewer) => Page['body'],
  ) => {
    const viewer = await viewerOf(context)
    return context.html(pageLayout({ title, place, viewer, body: body(viewer) }))
  }
  const missing = (context: Context, what: string) =>
    context.html(refusalPage('Not found', `There is no such ${what}, or it is gone.`), 404)

  room.get('/dashboard', async (context) => {
    const model = await readNow(parts)
    return show(context, 'Now', 'Now', (viewer) => nowView(model, viewer))
  })
  room.get('/dashboard/jobs', async (context) => {
    const model = await readJobs(parts, context.req.query())
    return show(context, 'Jobs', 'Jobs', () => jobsView(model))
  })
  room.get('/dashboard/jobs/:id', async (context) => {
    const id = jobId.safeParse(context.req.param('id'))
    const model = id.success ? await readJob(parts, id.data) : undefined
    if (model === undefined) return missing(context, 'job')
    return show(context, jobTitle(model.job), 'Jobs', (viewer) => jobView(model, viewer))
  })
  room.get('/dashboard/money', async (context) => {
    const model = await readMoney(parts)
    return show(context, 'Money', 'Money', () => moneyView(model))
  })
  room.get('/dashboard/speed', async (context) => {
    const model = await readSpeed(parts)
    return show(context, 'Speed', 'Speed', () => speedView(model))
  })
  room.get('/dashboard/governance', async (context) => {
    const model = await readGovernance(parts, context.req.query())
    return show(context, 'Governance', 'Governance', () => governanceView(model))
  })
  room.get('/dashboard/verdicts/:id', async (context) => {
    const model = await readVerdict(parts, context.req.param('id'))
    if (model === undefined) return missing(context, 'verdict')
    const { repository, pullRequest } = model.stored
    const title = `Verdict on ${repository}${pullRequest === null ? '' : `#${pullRequest}`}`
    return show(context, title, 'Governance', () => verdictView(model))
  })
  room.get('/dashboard/health', async (context) => {
    const model = await readHealth(parts)
    return show(context, 'Health', 'Health', () => healthView(model))
  })
  room.get('/dashboard/stop', async (context) => {
    const [pods, jobs] = await Promise.all([store.pods.listLive(), store.jobs.listOpen(MOST_OPEN_COUNTED)])
    return show(context, 'Stop', 'Now', (viewer) => stopView(pods, jobs.length, viewer))
  })

  const button = [formLimit, requireButton(sessions)] as const
  room.post('/dashboard/start', ...button, async (context) => {
    await parts.fleet.start()
    log.info({ by: context.get('session').who }, 'A GPU was asked for on the dashboard.')
    return context.redirect('/dashboard', 303)
  })
  room.post('/dashboard/stop', ...button, async (context) => {
    const { how } = await context.req.parseBody()
    const by = context.get('session').who
    await parts.fleet.stop({ force: how === 'now', by })
    log.info({ by, how: how === 'now' ? 'now' : 'drain' }, 'All GPUs are given back, as asked on the dashboard.')
    return context.redirect('/dashboard', 303)
  })
  room.post('/dashboard/jobs/:id/cancel', ...button, async (context) => {
    const id = jobId.safeParse(context.req.param('id'))
    if (!id.success || (await store.jobs.find(id.data)) === undefined) return missing(context, 'job')
    await store.jobs.requestCancel(id.data)
    log.info({ by: context.get('session').who, job: id.data }, 'A job was cancelled on the dashboard.')
    return context.redirect(`/dashboard/jobs/${id.data}`, 303)
  })

  return {
    room,
    createLoginPath: (validMs) => `/login?once=${links.create(validMs)}`,
    close: streams.closeAll,
  }
}
