import { type Context, Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import { ApiError, notFound } from '../api-error.ts'
import { checkRunOf, issueOf, pullRequestOf } from '../acts/find.ts'
import { diffBase } from '../acts/pull-request-facts.ts'
import { renderDiff } from '../git/diff.ts'
import { Person } from '../person.ts'
import { fullName, type Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { renderCheckRunPage } from './check-run-page.ts'
import { readFileAt, renderBlobPage, renderCommitPage } from './commit-page.ts'
import { mountClone } from './clone-routes.ts'
import { layout } from './layout.ts'
import { renderHome, renderList } from './list-page.ts'
import { answerLive } from './live.ts'
import { mountLogin } from './login-routes.ts'
import type { Markup } from './markup.ts'
import { performAct, refusalOf } from './page-acts.ts'
import { avatarSvg, viewerOf } from './people.ts'
import { renderPullRequestPage } from './pull-request-page.ts'
import { readForm } from './read-form.ts'
import { renderTimeline } from './render-timeline.ts'
import { renderCommentBox } from './render-forms.ts'
import { html } from 'hono/html'

/** What people see of the sandbox, and where their forms go. */
export function createPages(world: World): Hono {
  const pages = new Hono()
  const show = (context: Context, parts: { title: string; repository?: Repository; body: Markup }) =>
    context.html(layout(world, { ...parts, viewer: viewerOf(world, context) }))

  pages.onError((error, context) =>
    error instanceof ApiError
      ? context.text(error.message, error.status === 404 ? 404 : 422)
      : context.text(String(error.stack), 500),
  )
  pages.get('/', (context) => show(context, { title: 'Sandbox', body: renderHome(world) }))
  pages.post('/viewer', async (context) => {
    setCookie(context, 'as', (await readForm(context)).as ?? '', { path: '/', httpOnly: true, sameSite: 'Lax' })
    return context.redirect(new URL(context.req.header('referer') ?? '/', context.req.url).pathname, 303)
  })
  pages.get('/avatars/:file', (context) =>
    context.body(avatarSvg(context.req.param('file').replace(/\.svg$/, '')), 200, { 'content-type': 'image/svg+xml' }),
  )
  pages.get('/live/:owner/:repo', (context) =>
    answerLive(world, context, `${context.req.param('owner')}/${context.req.param('repo')}`),
  )
  mountLogin(pages, world, show)
  mountClone(pages, world)

  const repositoryOf = (context: Context): Repository => {
    const repository = world.findRepository(context.req.param('owner') ?? '', context.req.param('repo') ?? '')
    if (repository === undefined) throw notFound()
    return repository
  }
  const number = (context: Context) => Number(context.req.param('number'))

  pages.get('/:owner/:repo', (context) => context.redirect(`/${fullName(repositoryOf(context))}/pulls`))
  pages.get('/:owner/:repo/pulls', (context) => {
    const repository = repositoryOf(context)
    return show(context, {
      title: `Pull requests · ${fullName(repository)}`,
      repository,
      body: html`<h1>Pull requests</h1><div data-live="list">${renderList(repository)}</div>`,
    })
  })
  pages.get('/:owner/:repo/pull/:file{[0-9]+\\.(?:diff|patch)}', async (context) => {
    const repository = repositoryOf(context)
    const pullRequest = pullRequestOf(repository, Number.parseInt(context.req.param('file'), 10))
    return context.text(
      await renderDiff(world.git(repository), await diffBase(world, repository, pullRequest), pullRequest.headSha),
    )
  })
  pages.get('/:owner/:repo/pull/:number{[0-9]+}', async (context) => {
    const repository = repositoryOf(context)
    const pullRequest = pullRequestOf(repository, number(context))
    const { path, line, side, notice } = context.req.query()
    const open =
      path === undefined
        ? undefined
        : { path, line: Number(line), side: side === 'LEFT' ? ('LEFT' as const) : ('RIGHT' as const) }
    const body = await renderPullRequestPage(world, repository, {
      pullRequest,
      viewer: viewerOf(world, context),
      notice,
      open,
    })
    return show(context, {
      title: `${issueOf(repository, pullRequest.number).title} · #${pullRequest.number}`,
      repository,
      body,
    })
  })
  pages.post('/:owner/:repo/pull/:number{[0-9]+}/:act', async (context) => {
    const repository = repositoryOf(context)
    const act = context.req.param('act')
    const viewer = viewerOf(world, context)
    const refusal = await performAct(world, repository, {
      viewer,
      number: number(context),
      act,
      form: await readForm(context),
    })
    const query = refusal === undefined ? '' : `?${new URLSearchParams({ notice: refusal })}`
    const kind = repository.pullRequests.has(number(context)) ? 'pull' : 'issues'
    return context.redirect(`/${fullName(repository)}/${kind}/${number(context)}${query}`, 303)
  })
  pages.get('/:owner/:repo/issues/:number{[0-9]+}', (context) => {
    const repository = repositoryOf(context)
    const issue = issueOf(repository, number(context))
    if (repository.pullRequests.has(issue.number))
      return context.redirect(`/${fullName(repository)}/pull/${issue.number}`)
    const body = html`<h1>${issue.title} <span class="number">#${issue.number}</span></h1><div data-live="timeline">${renderTimeline(repository, issue, [])}</div>${renderCommentBox(repository, issue.number, viewerOf(world, context))}`
    return show(context, { title: issue.title, repository, body })
  })
  pages.get('/:owner/:repo/runs/:id{[0-9]+}', (context) => {
    const repository = repositoryOf(context)
    const run = checkRunOf(repository, Number(context.req.param('id')))
    return show(context, { title: run.name, repository, body: renderCheckRunPage(world, repository, run) })
  })
  pages.post('/:owner/:repo/runs/:id{[0-9]+}/:act{rerun|action}', async (context) => {
    const repository = repositoryOf(context)
    const id = Number(context.req.param('id'))
    const person = new Person(world, viewerOf(world, context), fullName(repository))
    const { identifier = '' } = await readForm(context)
    const refusal = await refusalOf(() =>
      context.req.param('act') === 'rerun' ? person.rerunCheck(id) : person.pressAction(id, identifier),
    )
    return refusal === undefined
      ? context.redirect(`/${fullName(repository)}/runs/${id}`, 303)
      : context.text(refusal, 422)
  })
  pages.get('/:owner/:repo/commit/:sha', async (context) => {
    const repository = repositoryOf(context)
    const sha = context.req.param('sha')
    return show(context, { title: sha.slice(0, 7), repository, body: await renderCommitPage(world, repository, sha) })
  })
  pages.get('/:owner/:repo/blob/:ref/:path{.+}', async (context) => {
    const repository = repositoryOf(context)
    const { ref = '', path = '' } = context.req.param()
    return show(context, { title: path, repository, body: await renderBlobPage(world, repository, { ref, path }) })
  })
  pages.get('/:owner/:repo/raw/:ref/:path{.+}', async (context) => {
    const { ref = '', path = '' } = context.req.param()
    const content = await readFileAt(world, repositoryOf(context), { ref, path })
    return context.body(new Uint8Array(content), 200, {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
  })
  return pages
}
