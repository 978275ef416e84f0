import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { GitError } from '../../ports/git.ts'

export interface GitRun {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

const TIMEOUT_MS = 30_000
const MAX_STDOUT_BYTES = 512 * 1024 * 1024
const MAX_STDERR_CHARS = 2_000

/** Settings that keep a repository's own configuration from running programs or asking questions. */
export const GIT_SETTINGS = [
  '-c',
  'core.quotepath=off',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'color.ui=false',
  '-c',
  'log.showSignature=false',
  '-c',
  'diff.submodule=short',
] as const

/** A hook's environment (`GIT_INDEX_FILE` of a partial commit) is kept: it says which index is meant. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', GIT_PAGER: 'cat' }
}

/** Runs git once. Rejects only when git cannot be run, takes too long, or says too much; exit codes are the caller's. */
export function runGit(folder: string, args: readonly string[]): Promise<GitRun> {
  const { promise, resolve, reject } = Promise.withResolvers<GitRun>()
  const child = spawn('git', [...GIT_SETTINGS, ...args], {
    cwd: folder,
    env: gitEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  const chunks: Buffer[] = []
  let length = 0
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > MAX_STDOUT_BYTES) child.kill('SIGKILL')
    else chunks.push(chunk)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(0, MAX_STDERR_CHARS)
  })
  child.on('error', (error: NodeJS.ErrnoException) => reject(cannotRun(folder, error)))
  child.on('close', (code) => {
    if (code === null) reject(gaveUp(args, length > MAX_STDOUT_BYTES))
    else resolve({ code, stdout: Buffer.concat(chunks), stderr: stderr.trim() })
  })
  return promise
}

export function gitFailed(what: string, run: GitRun): GitError {
  const [line = ''] = run.stderr.split('\n')
  return new GitError({
    code: 'failed',
    message: `\`git ${what}\` ended with ${run.code}: ${line || 'it said nothing'}.`,
    remedy: 'Run it by hand to see more.',
    owner: 'operator',
  })
}

function cannotRun(folder: string, error: NodeJS.ErrnoException): GitError {
  const isMissing = error.code === 'ENOENT'
  // Node reports a missing folder as a missing program.
  if (isMissing && !existsSync(folder))
    return new GitError({
      code: 'not-a-repository',
      message: `There is no folder ${folder}.`,
      remedy: 'Name the folder of a clone.',
      owner: 'user',
      cause: error,
    })
  return new GitError({
    code: isMissing ? 'git-missing' : 'failed',
    message: `git could not be started in ${folder} (${error.code ?? error.message}).`,
    remedy: isMissing ? 'Install git (https://git-scm.com).' : 'Check that the folder can be read.',
    owner: 'operator',
    cause: error,
  })
}

function gaveUp(args: readonly string[], isTooLong: boolean): GitError {
  return new GitError({
    code: 'failed',
    message: `\`git ${args[0] ?? ''}\` was ended: it ${isTooLong ? 'wrote more than 512 MB' : `took longer than ${TIMEOUT_MS / 1000} s`}.`,
    remedy: 'Look at a smaller range of commits.',
    owner: 'user',
  })
}
