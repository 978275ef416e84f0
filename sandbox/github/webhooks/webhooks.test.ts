import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listenForWebhooks, signatureOf } from '../__support__/listen-for-webhooks.ts'
import { openTopic, type Shop, startShop } from '../__support__/start-shop.ts'

describe('webhooks', () => {
  let line: Awaited<ReturnType<typeof listenForWebhooks>>
  let shop: Shop
  beforeEach(async () => {
    line = await listenForWebhooks()
    shop = await startShop({ webhookUrl: line.url })
  })
  afterEach(async () => {
    await shop.stop()
    await line.close()
  })

  const names = async () => {
    await shop.github.webhooksSettled()
    const all = line.names()
    line.received.length = 0
    return all.sort()
  }

  test('are signed with the secret of the App and named by a GUID', async () => {
    shop.alice.openIssue({ title: 'Hello' })
    await shop.github.webhooksSettled()
    const hook = line.received.find(({ name }) => name === 'issues.opened')
    expect(hook?.headers['x-hub-signature-256']).toBe(
      signatureOf(shop.registration.webhookSecret ?? '', hook?.text ?? ''),
    )
    expect(hook?.guid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
    expect(hook?.headers['x-github-hook-installation-target-type']).toBe('integration')
    expect(hook?.payload).toMatchObject({ sender: { login: 'alice' }, installation: { id: shop.installation.id } })
  })

  test('tell of a pull request from its first push to its merge, all by GitHub’s schemas', async () => {
    const { headSha } = await openTopic(shop)
    expect(await names()).toEqual([
      'check_suite.requested',
      'create',
      'installation.created',
      'pull_request.opened',
      'push',
    ])
    const after = await shop.bob.push('topic', { 'b.txt': 'b\n' }, 'More')
    await shop.github.webhooksSettled()
    const synchronize = line.received.find(({ name }) => name === 'pull_request.synchronize')
    expect(synchronize?.payload).toMatchObject({ before: headSha, after, number: 1 })
    await names()
    const comment = shop.alice.comment(1, 'Hi')
    shop.alice.editComment(comment.id, 'Hi!')
    shop.alice.deleteComment(comment.id)
    await shop.alice.label(1, 'bug')
    await shop.alice.unlabel(1, 'bug')
    await shop.bob.setDraft(1, true)
    await shop.bob.setDraft(1, false)
    await shop.bob.update(1, { title: 'Louder' })
    await shop.bob.requestReview(1, 'alice')
    const line2 = await shop.alice.commentOnLine(1, { path: 'src/a.ts', line: 2 }, 'Why?')
    await shop.bob.replyOnLine(1, line2.id, 'Because.')
    await shop.bob.editLineComment(line2.id, 'Why so?')
    await shop.alice.resolve(line2.id)
    await shop.alice.resolve(line2.id, false)
    const review = await shop.alice.approve(1, 'Good')
    await shop.alice.dismiss(1, review.id, 'Changed my mind')
    await shop.bob.close(1)
    await shop.bob.reopen(1)
    await shop.bob.setStatus(after, 'success', 'ci')
    await shop.alice.merge(1)
    expect(await names()).toEqual([
      'check_suite.requested',
      'issue_comment.created',
      'issue_comment.deleted',
      'issue_comment.edited',
      'pull_request.closed',
      'pull_request.closed',
      'pull_request.converted_to_draft',
      'pull_request.edited',
      'pull_request.labeled',
      'pull_request.ready_for_review',
      'pull_request.reopened',
      'pull_request.review_requested',
      'pull_request.unlabeled',
      'pull_request_review.dismissed',
      'pull_request_review.submitted',
      'pull_request_review_comment.created',
      'pull_request_review_comment.created',
      'pull_request_review_comment.edited',
      'pull_request_review_thread.resolved',
      'pull_request_review_thread.unresolved',
      'push',
      'status',
    ])
    shop.github.assertClean()
  })

  test('carry issue.pull_request for comments on pull requests', async () => {
    await openTopic(shop)
    shop.alice.comment(1, '/devloop review')
    await shop.github.webhooksSettled()
    const hook = line.received.find(({ name }) => name === 'issue_comment.created')
    expect(hook?.payload).toMatchObject({
      issue: { number: 1, pull_request: { merged_at: null } },
      comment: { body: '/devloop review' },
    })
  })

  test('come back to the App for its own acts, from its bot', async () => {
    const { headSha } = await openTopic(shop)
    await names()
    const run = await shop.asApp('POST', '/repos/acme/shop/check-runs', {
      name: 'devloop/review',
      head_sha: headSha,
      status: 'completed',
      conclusion: 'success',
      actions: [{ label: 'Again', description: 'Once more', identifier: 'again' }],
    })
    await shop.github.webhooksSettled()
    expect(line.received[0]?.payload).toMatchObject({ sender: { login: 'devloop[bot]', type: 'Bot' } })
    shop.alice.pressAction(Number(run.json.id), 'again')
    shop.alice.rerunCheck(Number(run.json.id))
    expect(() => shop.alice.pressAction(Number(run.json.id), 'none')).toThrow('Validation Failed')
    await shop.github.webhooksSettled()
    const pressed = line.received.find(({ name }) => name === 'check_run.requested_action')
    expect(pressed?.payload).toMatchObject({
      requested_action: { identifier: 'again' },
      check_run: { name: 'devloop/review' },
    })
    expect(await names()).toEqual([
      'check_run.completed',
      'check_run.created',
      'check_run.requested_action',
      'check_run.rerequested',
      'check_suite.completed',
    ])
    shop.github.assertClean()
  })

  test('go only where the App is installed and listens', async () => {
    await shop.github.createRepository('alice/private', { private: true })
    shop.github.as('alice', 'alice/private').openIssue({ title: 'Mine' })
    shop.github.suspend(shop.installation)
    shop.alice.openIssue({ title: 'While suspended' })
    shop.github.suspend(shop.installation, false)
    shop.github.changeInstalledRepositories(shop.installation, { added: ['acme/shop'] })
    shop.github.changePermissions(shop.installation, { checks: 'write' })
    shop.github.uninstallApp(shop.installation)
    expect(await names()).toEqual([
      'installation.created',
      'installation.deleted',
      'installation.new_permissions_accepted',
      'installation.suspend',
      'installation.unsuspend',
      'installation_repositories.added',
    ])
    shop.github.assertClean()
  })

  test('are delivered again through the API, under their GUID', async () => {
    await shop.github.webhooksSettled()
    line.answerWith(500)
    shop.alice.openIssue({ title: 'Lost' })
    await shop.github.webhooksSettled()
    line.answerWith(200)
    const asOwner = shop.as(`Bearer ${shop.jwt()}`)
    const { list } = await asOwner('GET', '/app/hook/deliveries?status=failure')
    expect(list).toMatchObject([
      { event: 'issues', action: 'opened', status: 'Invalid HTTP Response: 500', status_code: 500, redelivery: false },
    ])
    const one = await asOwner('GET', `/app/hook/deliveries/${list[0]?.id}`)
    expect(one.json).toMatchObject({ guid: list[0]?.guid, request: { payload: { action: 'opened' } } })
    expect((await asOwner('POST', `/app/hook/deliveries/${list[0]?.id}/attempts`)).status).toBe(202)
    await shop.github.webhooksSettled()
    const guids = line.received.filter(({ name }) => name === 'issues.opened').map(({ guid }) => guid)
    expect(guids).toEqual([list[0]?.guid, list[0]?.guid])
    expect((await asOwner('GET', '/app/hook/deliveries?per_page=1')).list).toMatchObject([
      { redelivery: true, status: 'OK' },
    ])
    shop.github.assertClean()
  })

  test('can arrive twice and in another order', async () => {
    await shop.github.webhooksSettled()
    line.received.length = 0
    shop.github.holdWebhooks()
    shop.alice.openIssue({ title: 'First' })
    await shop.alice.close(1)
    expect(line.received).toEqual([])
    shop.github.releaseWebhooks('reversed')
    await shop.github.webhooksSettled()
    const guid = line.received.find(({ name }) => name === 'issues.opened')?.guid ?? ''
    shop.github.duplicateDelivery(guid)
    await shop.github.webhooksSettled()
    expect(line.received.filter((hook) => hook.guid === guid)).toHaveLength(2)
    expect(line.received).toHaveLength(3)
  })
})
