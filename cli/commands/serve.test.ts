import { expect, it } from 'vitest'
import { runInProcess } from '../__support__/run-in-process.ts'
import { ScratchRepository } from '../__support__/scratch-repository.ts'

const folder = () => new ScratchRepository({ init: false })

it('shows a person without an App the set-up page, and ends when told to', async () => {
  const scratch = folder()
  const stop = new AbortController()
  const env = { PORT: '0' }
  let status: Promise<number> | undefined
  const end = await runInProcess(['serve'], {
    cwd: scratch.root,
    env,
    isTty: true,
    signal: stop.signal,
    onStderr(text) {
      const link = /http:\S+\?code=\S+/.exec(text)?.[0]
      if (link === undefined) return
      status = fetch(link, { redirect: 'manual' }).then((answer) => answer.status)
      void status.finally(() => stop.abort())
    },
  })
  expect(await status).toBe(302)
  expect(end.exitCode).toBe(0)
  scratch.remove()
})

it('refuses a machine without an App, one sentence per missing thing', async () => {
  const scratch = folder()
  const end = await runInProcess(['serve'], { cwd: scratch.root, env: { PORT: '0' } })
  expect(end).toMatchObject({ exitCode: 2, stdout: '' })
  for (const name of ['APP_ID', 'PRIVATE_KEY', 'WEBHOOK_SECRET', 'RUNPOD_API_KEY'])
    expect(end.stderr).toContain(`${name} is missing`)
  scratch.remove()
})

it('shows a person a link to the dashboard that opens once', async () => {
  const scratch = folder()
  const stop = new AbortController()
  const opened: number[] = []
  const end = await runInProcess(['serve', '--controller-only'], {
    cwd: scratch.root,
    env: { PORT: '0', DEVLOOP_ENGINE: 'http://127.0.0.1:9', LOG_LEVEL: 'silent' },
    isTty: true,
    signal: stop.signal,
    onStderr(text) {
      const link = /http:\S+\/login\?once=\S+/.exec(text)?.[0]
      if (link === undefined) return
      void (async () => {
        for (const _ of [1, 2]) opened.push((await fetch(link, { redirect: 'manual' })).status)
        stop.abort()
      })()
    },
  })
  expect(opened).toEqual([303, 403])
  expect(end.exitCode).toBe(0)
  scratch.remove()
})
