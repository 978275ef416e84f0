import { runGateway } from './gateway/run-gateway.ts'

// Started by `command: pod`, detached: it must outlive that step and not the job.
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => stop.abort(new Error(`The gateway got ${name}.`)))
// The step that listened may be gone.
process.on('disconnect', () => {})
process.exitCode = await runGateway({
  env: process.env,
  stdout: (text) => {
    process.stdout.write(text)
    if (process.connected) process.send?.({ kind: 'phase', text: text.trim() }, () => {})
  },
  signal: stop.signal,
  stop,
  parentPid: Number(process.env.DEVLOOP_JOB_PID ?? 0),
  folder: process.env.DEVLOOP_FOLDER ?? '.',
  pid: process.pid,
  tell: (message) => {
    if (process.connected) process.send?.(message, () => {})
  },
})
if (process.connected) process.disconnect()
