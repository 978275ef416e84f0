import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isRunning, processesBelow, runCli } from './__support__/run-cli.ts'
import { until } from './__support__/until.ts'

const demoAnswer = z.strictObject({
  outcome: z.literal('posted'),
  pullRequestUrl: z.url(),
  reviewUrl: z.url(),
  findings: z.int().min(1),
  checks: z.strictObject({
    governance: z.enum(['success', 'failure', 'neutral']),
    review: z.enum(['neutral', 'failure']),
  }),
  pods: z.strictObject({ rented: z.int().min(1), running: z.literal(0) }),
  timeline: z.array(z.strictObject({ at: z.number(), event: z.string() })).min(8),
  cost: z.strictObject({ usd: z.number().positive() }),
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-demo-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('devloop demo', () => {
  it('reviews a change of one’s own while another demo is up, and each ends without a process or a pod', async () => {
    const up = runCli(['demo'])
    const repo = await ownRepository()
    const once = runCli(['demo', '--once', '--json', '--repo', repo, '--base', 'main', '--head', 'topic'])
    try {
      const { code, stdout, stderr } = await once.ended
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const answer = demoAnswer.parse(JSON.parse(stdout))
      expect(answer.timeline.map(({ event }) => event).join('\n')).toMatch(/RUNNING.*TERMINATED.*no pod is running/su)

      const links = await until('the links of the demo that stays up', () =>
        /Ctrl-C ends everything/u.test(up.stderr()),
      )
      expect(links).toBe(true)
      const own = /pull request\s+(http:\S+)/u.exec(up.stderr())?.[1] ?? ''
      expect(new URL(own).port).not.toBe(new URL(answer.pullRequestUrl).port)
      expect(await (await fetch(own)).text()).toContain('Search orders by customer')
      // A pod that is rented while the signal comes has processes of its own.
      const started = processesBelow(up.pid)
      up.kill('SIGINT')
      const end = await up.ended
      expect(end.code).toBe(0)
      expect([up.pid, ...started].filter(isRunning)).toEqual([])
    } finally {
      up.kill('SIGKILL')
      once.kill('SIGKILL')
    }
  }, 120_000)

  it('leaves nothing behind when it is interrupted while a pod runs', async () => {
    const demo = runCli(['demo', '--once'])
    try {
      await until('a running pod', () => demo.stderr().includes('RUNNING'), 90_000)
      const started = await until(
        'processes of the pod',
        () => processesBelow(demo.pid).length > 0 && processesBelow(demo.pid),
      )
      demo.kill('SIGINT')
      const { code, stderr } = await demo.ended
      expect(code).toBe(3)
      expect(stderr).toContain('Stopped on request; everything that was started has been ended.')
      expect(started.filter(isRunning)).toEqual([])
    } finally {
      demo.kill('SIGKILL')
    }
  }, 120_000)

  it.concurrent.each([
    [
      'a folder that is no repository',
      () => ['--repo', folder, '--base', 'main', '--head', 'topic'],
      {},
      2,
      'is no git repository',
    ],
    [
      'a folder that is none',
      () => ['--repo', join(folder, 'none'), '--base', 'a', '--head', 'b'],
      {},
      2,
      'is no git repository',
    ],
    [
      'a branch that is none',
      () => ['--repo', join(folder, 'own'), '--base', 'main', '--head', 'toipc'],
      {},
      2,
      'has no branch toipc; it has main, topic',
    ],
    ['a machine without git', () => [], { PATH: '/nowhere' }, 3, 'git was not found on the PATH'],
    ['a branch without a repository', () => ['--head', 'topic'], {}, 2, 'Add --repo DIR'],
  ])('answers %s in one sentence', async (_what, args, env, code, sentence) => {
    await ownRepository()
    const end = await runCli(['demo', '--once', ...args()], { env }).ended
    expect(end.code, end.stderr).toBe(code)
    const last = end.stderr.trim().split('\n').at(-1)
    expect(last).toMatch(/^devloop: /u)
    expect(last).toContain(sentence)
    expect(end.stderr).not.toContain('    at ')
  })
})

let made: Promise<string> | undefined
function ownRepository(): Promise<string> {
  made ??= makeRepository()
  return made
}

async function makeRepository(): Promise<string> {
  const repo = join(folder, 'own')
  await mkdir(repo)
  const git = (...args: string[]) => {
    execFileSync('git', ['-c', 'user.name=Own', '-c', 'user.email=own@example.com', ...args], { cwd: repo })
  }
  git('init', '-q', '-b', 'main')
  await writeFile(
    join(repo, 'users.py'),
    'def find(cur, id):\n    cur.execute("SELECT * FROM users WHERE id = %s", (id,))\n',
  )
  git('add', '.')
  git('commit', '-q', '-m', 'Find users')
  git('switch', '-q', '-c', 'topic')
  await writeFile(
    join(repo, 'users.py'),
    'def find(cur, id):\n    cur.execute("SELECT * FROM users WHERE id = %s" % id)\n',
  )
  git('commit', '-q', '-a', '-m', 'Find users faster')
  return repo
}
