import { expect, test } from 'vitest'
import type { CheckRunWish, GithubApp, GithubRepository } from '../github.ts'
import { type CommitSha, commitSha } from '../ids.ts'

/** A repository with one open pull request that changes line `line` of `path`. */
export interface GithubContractWorld {
  readonly app: GithubApp
  readonly repository: GithubRepository
  readonly number: number
  readonly headSha: CommitSha
  readonly path: string
  readonly line: number
  /** Has write permission. */
  readonly writer: string
  /** Nobody knows them here. */
  readonly stranger: string
}

export function githubContract(get: () => GithubContractWorld): void {
  test('a pull request is the same alone, among the open ones, and by its head', async () => {
    const { repository, number, headSha } = get()
    const { pullRequests } = repository
    const one = await pullRequests.get(number)
    expect(one).toMatchObject({ number, headSha, state: 'open', merged: false, mergedAt: null })
    const open = await pullRequests.listOpen()
    expect(open.complete).toBe(true)
    expect(open.items.find((other) => other.number === number)).toMatchObject({ headSha, title: one.title })
    expect((await pullRequests.listByHead(headSha)).map((found) => found.number)).toEqual([number])
    expect(await pullRequests.listByHead(commitSha.parse('e'.repeat(40)))).toEqual([])
    expect((await pullRequests.listFiles(number)).items.map(({ path }) => path)).toContain(get().path)
  })

  test('a pull request that is not there is not found', async () => {
    await expect(get().repository.pullRequests.get(404)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a comment is listed as it was written, and changes in place', async () => {
    const { repository, number } = get()
    const { comments } = repository
    const { id } = await comments.create(number, 'First')
    await comments.update(id, 'Second')
    const found = (await comments.list(number)).items.find((comment) => comment.id === id)
    expect(found).toMatchObject({ body: 'Second', author: { login: (await get().app.identity()).login, type: 'Bot' } })
  })

  test('a reaction stands once however often it is set, and is gone when it is taken back', async () => {
    const { repository, number, app } = get()
    const { comments } = repository
    const { login } = await app.identity()
    const { id } = await comments.create(number, 'React to this')
    await comments.react('issue', id, 'eyes')
    await comments.react('issue', id, 'eyes')
    await comments.react('issue', id, 'rocket')
    expect(await comments.listReactions('issue', id)).toEqual([
      { login, content: 'eyes' },
      { login, content: 'rocket' },
    ])
    await comments.unreact('issue', id, 'eyes')
    await comments.unreact('issue', id, 'confused')
    expect(await comments.listReactions('issue', id)).toEqual([{ login, content: 'rocket' }])
  })

  test('a review is a comment on its commit, with threads that can be resolved', async () => {
    const { repository, number, headSha, path, line } = get()
    const comment = { path, line, side: 'RIGHT', body: 'Why?' } as const
    const { id } = await repository.reviews.create(number, {
      commitSha: headSha,
      body: 'One thing.',
      comments: [comment],
    })
    const review = (await repository.reviews.list(number)).items.find((other) => other.id === id)
    expect(review).toMatchObject({ state: 'COMMENTED', commitSha: headSha, body: 'One thing.' })
    const mine = async () =>
      (await repository.reviews.listThreads(number)).items.find(({ comments }) => comments[0]?.body === 'Why?')
    const thread = await mine()
    expect(thread).toMatchObject({ isResolved: false, path })
    await repository.comments.reply(number, thread?.comments[0]?.id ?? 0, 'Because.')
    const replies = (await repository.comments.listOnLines(number, '2020-01-01T00:00:00Z')).items
    const { login } = await get().app.identity()
    expect(replies.find(({ body }) => body === 'Because.')).toMatchObject({ author: { login, type: 'Bot' } })
    await repository.reviews.resolveThread(thread?.id ?? '')
    expect(await mine()).toMatchObject({ isResolved: true })
  })

  test('a check run is written once, and again only when it says something else', async () => {
    const { repository, headSha } = get()
    const { checks } = repository
    const wish: CheckRunWish = {
      name: 'devloop/contract',
      headSha,
      status: 'in_progress',
      title: 'Reading',
      summary: 'One of two files is read.',
      externalId: 'x-1',
      annotations: [],
      actions: [],
    }
    const find = async () => (await checks.list(headSha)).items.filter(({ name }) => name === wish.name)
    expect((await checks.write(wish)).written).toBe(true)
    const [known] = await find()
    expect(known).toMatchObject({
      kind: 'check-run',
      status: 'in_progress',
      conclusion: null,
      title: 'Reading',
      externalId: 'x-1',
    })
    expect(await checks.write(wish, known)).toEqual({ id: known?.id, written: false })
    const done = { ...wish, status: 'completed', conclusion: 'success', title: 'Read' } as const
    expect((await checks.write(done, known)).written).toBe(true)
    const now = await find()
    expect(now).toHaveLength(1)
    expect(now[0]).toMatchObject({ status: 'completed', conclusion: 'success', title: 'Read' })
  })

  test('what is not there is null or empty', async () => {
    const { repository, headSha } = get()
    expect(await repository.contents.readFile('no/such/file', headSha)).toBeNull()
    expect(await repository.contents.listTree(headSha, 'no-such-folder')).toEqual({ items: [], complete: true })
  })

  test('permission is what GitHub says, and none for strangers', async () => {
    const { repository, writer, stranger } = get()
    expect(await repository.access.permission(writer)).toBe('write')
    expect(await repository.access.permission(stranger)).toBe('none')
  })
}
