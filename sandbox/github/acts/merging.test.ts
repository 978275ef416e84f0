import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listenForWebhooks } from '../__support__/listen-for-webhooks.ts'
import { openTopic, type Shop, shopFile, startShop } from '../__support__/start-shop.ts'

describe('merging', () => {
  let shop: Shop
  let headSha: string
  const pull = '/repos/acme/shop/pulls/1'
  const pass = (sha: string, conclusion = 'success') =>
    shop.asApp('POST', '/repos/acme/shop/check-runs', { name: 'gate', head_sha: sha, status: 'completed', conclusion })
  beforeEach(async () => {
    shop = await startShop()
    headSha = (await openTopic(shop)).headSha
  })
  afterEach(async () => {
    shop.github.assertClean()
    await shop.stop()
  })

  test.each([
    ['merge', 2, /^Merge pull request #1 from acme\/topic\n\nShout$/],
    ['squash', 1, /^Shout \(#1\)$/],
    ['rebase', 1, /^Shout$/],
  ] as const)('by %s writes a commit with %i parents', async (method, parents, message) => {
    await shop.alice.push('main', { 'other.txt': 'x\n' }, 'Meanwhile')
    const reply = await shop.asApp('PUT', `${pull}/merge`, { merge_method: method })
    expect(reply.json).toMatchObject({ merged: true })
    const commit = await shop.asApp('GET', `/repos/acme/shop/git/commits/${reply.json.sha}`)
    expect(commit.json.parents).toHaveLength(parents)
    expect(commit.json.message).toMatch(message)
    expect((await shop.asApp('GET', pull)).json).toMatchObject({
      state: 'closed',
      merged: true,
      merge_commit_sha: reply.json.sha,
      changed_files: 1,
    })
    const file = await shop.asApp('GET', '/repos/acme/shop/contents/src/a.ts', undefined, {
      accept: 'application/vnd.github.raw',
    })
    expect(file.text).toContain('TWO')
  })

  test('a squash loses the trailers of the commits', async () => {
    const sha = await shop.bob.push('trailers', { 't.txt': 't\n' }, 'Trailing\n\nWhy it is.\n\nPlan: T-1')
    await shop.bob.openPullRequest({ title: 'Trailing', head: 'trailers', base: 'main' })
    const commit = await shop.asApp('GET', `/repos/acme/shop/git/commits/${sha}`)
    expect(commit.json.message).toContain('Plan: T-1')
    const merged = await shop.alice.merge(2, { method: 'squash' })
    expect((await shop.asApp('GET', `/repos/acme/shop/git/commits/${merged}`)).json.message).toBe(
      'Trailing (#2)\n\nWhy it is.',
    )
  })

  test('waits for what the branch rule demands', async () => {
    shop.github.addBranchRule('acme/shop', {
      pattern: 'main',
      requiredChecks: ['gate'],
      requiredApprovals: 1,
      dismissStaleReviews: true,
    })
    const state = async () => (await shop.asApp('GET', pull)).json.mergeable_state
    const merge = () => shop.asApp('PUT', `${pull}/merge`, {})
    expect((await merge()).json.message).toMatch(/"gate" is expected[\s\S]*At least 1 approving review/)
    await pass(headSha, 'failure')
    expect((await merge()).json.message).toMatch(/"gate" is failing/)
    await pass(headSha)
    await shop.alice.approve(1)
    expect(await state()).toBe('clean')
    const after = await shop.bob.push('topic', { 'b.txt': 'b\n' }, 'More')
    expect(await state()).toBe('blocked')
    await pass(after)
    expect((await merge()).status).toBe(405)
    await shop.alice.approve(1)
    expect((await merge()).status).toBe(200)
  })

  test('refuses drafts, moved heads and conflicts', async () => {
    await shop.bob.setDraft(1, true)
    expect((await shop.asApp('PUT', `${pull}/merge`, {})).status).toBe(405)
    await shop.bob.setDraft(1, false)
    expect((await shop.asApp('PUT', `${pull}/merge`, { sha: 'f'.repeat(40) })).status).toBe(409)
    await shop.alice.push('main', { 'src/a.ts': shopFile.replace('two', '2') }, 'Conflict')
    expect((await shop.asApp('GET', pull)).json).toMatchObject({ mergeable: false, mergeable_state: 'dirty' })
    expect((await shop.asApp('PUT', `${pull}/merge`, {})).status).toBe(405)
  })

  test('comments follow their lines over a push, or are outdated', async () => {
    await shop.alice.commentOnLine(1, { path: 'src/a.ts', line: 10 }, 'stays')
    await shop.alice.commentOnLine(1, { path: 'src/a.ts', line: 2 }, 'goes')
    const changed = `zero\n${shopFile.replace('two', 'Two').replace('ten', 'TEN')}`
    await shop.bob.push('topic', { 'src/a.ts': changed }, 'Shift')
    const { list } = await shop.asApp('GET', `${pull}/comments`)
    expect(list).toMatchObject([
      { body: 'stays', line: 11, original_line: 10 },
      { body: 'goes', line: null, position: null, original_line: 2 },
    ])
  })

  test('closes the issues its description says it fixes', async () => {
    const { number } = shop.alice.openIssue({ title: 'Too quiet' })
    await shop.bob.update(1, { body: `Fixes #${number}` })
    await shop.alice.merge(1)
    expect((await shop.asApp('GET', `/repos/acme/shop/issues/${number}`)).json).toMatchObject({
      state: 'closed',
      closed_by: { login: 'alice' },
    })
  })

  test('a pull request whose branch is deleted is closed', async () => {
    await shop.bob.deleteBranch('topic')
    expect((await shop.asApp('GET', pull)).json).toMatchObject({
      state: 'closed',
      merged: false,
      head: { sha: headSha },
    })
  })

  test('a forced push of the base over the head closes it as merged', async () => {
    await shop.alice.forcePush('main', headSha)
    expect((await shop.asApp('GET', pull)).json).toMatchObject({ merged: true, merged_by: { login: 'alice' } })
  })
})

describe('the merge queue', () => {
  test('merges on trial, waits for the group’s checks, then merges or drops', async () => {
    const line = await listenForWebhooks()
    const shop = await startShop({ webhookUrl: line.url })
    await openTopic(shop)
    shop.github.addBranchRule('acme/shop', { pattern: 'main', requiredChecks: ['gate'], mergeQueue: true })
    await shop.bob.push('second', { 'c.txt': 'c\n' }, 'Second')
    await shop.bob.openPullRequest({ title: 'Second', head: 'second', base: 'main' })
    await shop.bob.push('third', { 'd.txt': 'd\n' }, 'Third')
    await shop.bob.openPullRequest({ title: 'Third', head: 'third', base: 'main' })
    expect((await shop.asApp('PUT', '/repos/acme/shop/pulls/1/merge', {})).json.message).toMatch(/merge queue/)
    for (const number of [1, 2, 3]) await shop.alice.enqueue(number)
    const { queue } = shop.github.repository('acme/shop')
    const [first, second] = queue
    expect(first?.headRef).toMatch(/^refs\/heads\/gh-readonly-queue\/main\/pr-1-[0-9a-f]{40}$/)
    expect(second?.baseSha).toBe(first?.headSha)
    const tree = await shop.asApp('GET', `/repos/acme/shop/git/trees/${second?.headSha}?recursive=1`)
    expect(JSON.stringify(tree.json.tree)).toContain('c.txt')
    const report = (sha: string | undefined, conclusion: string) =>
      shop.asApp('POST', '/repos/acme/shop/check-runs', {
        name: 'gate',
        head_sha: sha,
        status: 'completed',
        conclusion,
      })
    await report(first?.headSha, 'success')
    expect((await shop.asApp('GET', '/repos/acme/shop/pulls/1')).json).toMatchObject({
      merged: true,
      merge_commit_sha: first?.headSha,
    })
    await report(second?.headSha, 'failure')
    expect((await shop.asApp('GET', '/repos/acme/shop/pulls/2')).json).toMatchObject({ merged: false, state: 'open' })
    // The third stood on the second; it was built again on what is really there.
    expect(queue).toMatchObject([{ pullRequestNumber: 3, baseSha: first?.headSha }])
    await report(queue[0]?.headSha, 'success')
    expect((await shop.asApp('GET', '/repos/acme/shop/contents/d.txt')).status).toBe(200)
    expect((await shop.asApp('GET', '/repos/acme/shop/contents/c.txt')).status).toBe(404)
    await shop.github.webhooksSettled()
    const groups = line.received.filter(({ event }) => event === 'merge_group')
    const told = groups
      .map(({ name, payload }) => (payload.reason === undefined ? name : `${name}: ${payload.reason}`))
      .sort()
    expect(told).toEqual([
      'merge_group.checks_requested',
      'merge_group.checks_requested',
      'merge_group.checks_requested',
      'merge_group.checks_requested',
      'merge_group.destroyed: dequeued',
      'merge_group.destroyed: invalidated',
      'merge_group.destroyed: merged',
      'merge_group.destroyed: merged',
    ])
    shop.github.assertClean()
    await shop.stop()
    await line.close()
  })
})
