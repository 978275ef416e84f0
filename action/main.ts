import { runStep } from './runner.ts'

// GitHub's runner cancels with SIGINT, then SIGTERM after 7.5 s, then kills 2.5 s later.
const over = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => over.abort(new Error(`The step got ${name}.`)))
process.exitCode = await runStep({
  env: process.env,
  stdout: (text) => process.stdout.write(text),
  signal: over.signal,
  parentPid: process.ppid,
})
