import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../__support__/until.ts'
import { ACTORS, type Actor } from './actors.ts'
import { type Door, openDoor, type Place } from './door.ts'

let door: Door
let own: Place
let fork: Place
beforeAll(async () => {
  door = await openDoor()
  const [ofHouse, ofFork] = door.places
  if (ofHouse === undefined || ofFork === undefined) throw new Error('no places')
  own = ofHouse
  fork = ofFork
})
afterAll(() => door.stop())

function actor(name: string): Actor {
  const found = ACTORS.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}
const pause = '/devloop pause'

describe('a comment that is no command', () => {
  it.each<[what: string, body: string]>([
    ['in a quote', `> ${pause}`],
    ['right below a quote', `> as you said\n${pause}`],
    ['in a code block', `\`\`\`\n${pause}\n\`\`\``],
    ['in an indented block', `text\n\n    ${pause}`],
    ['in inline code', `\`${pause}\``],
    ['in an HTML comment', `<!--\n${pause}\n-->`],
    ['behind an HTML comment', `<!-- x --> ${pause}`],
    ['in a list', `- ${pause}`],
    ['in a table', `| a |\n|-|\n| ${pause} |`],
    ['in a heading', `# ${pause}`],
    ['behind a word', `please ${pause}`],
    ['with another slash', `\u2215devloop pause`],
    ['behind a sign that nobody sees', `\u200B${pause}`],
    ['quoted by a mail program', `Thanks!\r\n\r\nOn Fri, Nov 21, 2026 Bob <b@x.test> wrote:\r\n> ${pause}\r\n`],
    ['quoted by a mail program twice', `>> ${pause}\n> ${pause}`],
  ])('%s: is not heard', async (_, body) => {
    expect(await door.say(actor('owner'), own, body)).toEqual({ effect: 'not heard', reply: null, changed: [] })
  })

  it('a reply by mail gives the command at its top, and not the one it quotes', async () => {
    const body = `/devloop resume\r\n\r\nOn Fri, Nov 21, 2026 at 10:00 AM Bob <b@x.test> wrote:\r\n\r\n> ${pause}\r\n`
    const { effect, changed } = await door.say(actor('owner'), own, body)
    expect([effect, changed]).toEqual(['done', []])
  })

  it.each(['edited', 'deleted'])('a comment that was %s is not heard', async (action) => {
    const changes = action === 'edited' ? { changes: { body: { from: 'thanks' } } } : {}
    expect((await door.say(actor('owner'), own, pause, { action, ...changes })).effect).toBe('not heard')
  })

  it('an issue that is no pull request is not heard', async () => {
    expect((await door.say(actor('owner'), own, pause, { issue: { number: own.number } })).effect).toBe('not heard')
  })

  it.each([
    'issues',
    'commit_comment',
    'discussion_comment',
    'pull_request_review',
    'workflow_run',
    'constructor',
    '__proto__',
  ])('an event %s with a command in it is not heard', async (event) => {
    const { effect } = await door.observe(own, async () => {
      const { id } = door.app.shop.github.as('alice', own.repository).comment(own.number, pause)
      await door.deliver(event, {
        action: 'created',
        installation: { id: door.app.shop.installation.id },
        repository: { full_name: own.repository },
        issue: { number: own.number, pull_request: {}, body: pause },
        comment: { id, user: { login: 'alice', type: 'User' }, body: pause, created_at: 'x', html_url: 'x' },
        review: { user: { login: 'alice', type: 'User' }, body: pause, state: 'commented' },
        workflow_run: { head_sha: own.headSha, name: pause, pull_requests: [{ number: own.number }] },
      })
      return id
    })
    expect(effect).toBe('not heard')
  })
})

describe('a pull request that is over', () => {
  it.each<[what: string, command: string, effect: string]>([
    ['closed', '/devloop review', 'refused'],
    ['closed', '/devloop ask why?', 'refused'],
    ['closed', '/infer hello', 'done'],
    ['closed', '/devloop status', 'done'],
  ])('%s: %s is %s', async (_, command, effect) => {
    const wendy = door.app.shop.github.as('wendy', own.repository)
    await wendy.close(own.number)
    const observed = await door.say(actor('writer'), own, command)
    await wendy.reopen(own.number)
    expect(observed.effect).toBe(effect)
  })

  it('locked: whoever may write there may command there', async () => {
    const over = { issue: { number: own.number, pull_request: {}, locked: true, active_lock_reason: 'resolved' } }
    expect((await door.say(actor('reader'), own, pause, over)).effect).toBe('refused')
    expect((await door.say(actor('writer'), own, '/devloop resume', over)).effect).toBe('done')
  })
})

describe('buttons of check runs', () => {
  const press = (name: string, over: Readonly<Record<string, unknown>> = {}) =>
    door.observe(own, async () => {
      const { app } = door
      await door.deliver('check_run', {
        action: 'requested_action',
        installation: { id: app.shop.installation.id },
        repository: { full_name: own.repository },
        sender: actor(name).user,
        requested_action: { identifier: 'plan/scope' },
        ...over,
        check_run: {
          name: 'devloop/governance',
          head_sha: own.headSha,
          app: { id: app.shop.registration.id },
          pull_requests: [{ number: own.number }],
          ...(over.check_run as object | undefined),
        },
      })
      return 0
    })

  it.each(['writer', 'maintainer', 'reader', 'outsider', 'bot with write', 'suspended'])(
    'a rule is not waived by: %s',
    async (name) => {
      expect((await press(name)).changed).toEqual([])
    },
  )

  it('a rule is waived by an administrator', async () => {
    expect((await press('administrator')).changed).toEqual(['waivers'])
  })

  it.each(['triager', 'reader', 'outsider', 'bot with write', 'suspended'])(
    'a review is not run again by: %s',
    async (name) => {
      const again = { action: 'rerequested', check_run: { name: 'devloop/review' } }
      expect((await press(name, again)).changed).toEqual([])
    },
  )

  it('a check run of another App with our name moves nothing', async () => {
    const spoofed = { action: 'rerequested', check_run: { name: 'devloop/review', app: { id: 1 } } }
    expect((await press('owner', spoofed)).changed).toEqual([])
  })

  it('nothing is moved without a person behind it', async () => {
    expect((await press('ghost', { sender: undefined })).changed).toEqual([])
  })
})

describe('a fork that moves on under a command', () => {
  it('is not read at the new head, whatever order the webhooks come in', async () => {
    const { app } = door
    const { github, registration } = app.shop
    const forkName = `forker/${fork.repository.split('/')[1]}`
    github.setWebhookUrl(registration, app.url)
    github.holdWebhooks()
    const asked = github.as('mary', fork.repository).comment(fork.number, '/devloop review')
    // GitHub's times have whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    await github.as('forker', forkName).push('theirs', { 'src/b.ts': 'evil\n' }, 'Evil')
    const before = app.jobs.length
    github.releaseWebhooks('reversed')
    const answer = await until('an answer', () =>
      [...github.repository(fork.repository).issueComments.values()].find(
        ({ id, authorLogin }) => id > asked.id && authorLogin === 'devloop[bot]',
      ),
    )
    await app.settled()
    github.setWebhookUrl(registration, null)
    expect(answer.body).toContain('This fork was pushed to')
    expect(app.jobs.length).toBe(before)
  })

  it('its job is bound to the head that was seen', async () => {
    const before = door.app.jobs.length
    expect((await door.say(actor('maintainer'), fork, '/devloop review')).effect).toBe('done')
    const [job] = door.app.jobs.slice(before)
    expect(job?.request).toMatchObject({ boundTo: job?.headSha })
    await door.say(actor('maintainer'), own, '/devloop review')
    expect(door.app.jobs.at(-1)?.request).toMatchObject({ boundTo: null })
  })
})
