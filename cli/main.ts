#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Compiling is most of what a short command costs, so the second run is twice as quick; hence nothing of ours is imported before this.
enableCompileCache()
if (process.argv[2] === 'serve') (await import('./lean-heap.ts')).keepHeapLean()
const { runCli } = await import('./run.ts')

const controller = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The second signal of an impatient person ends the process at once; pods are then ended by the guard and by `devloop pods reap`.
    if (controller.signal.aborted) process.exit(130)
    controller.abort(new Error(name))
  })
}

// `devloop check | head` closes the pipe early. What nobody reads is no fault, and the command goes on to give back what it holds.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  readStdin: async () => {
    const { text } = await import('node:stream/consumers')
    return text(process.stdin)
  },
  isTty: process.stderr.isTTY === true,
  signal: controller.signal,
})
