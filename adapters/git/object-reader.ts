import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { GitError } from '../../ports/git.ts'
import { GIT_SETTINGS, gitEnvironment } from './run-git.ts'

export interface GitObject {
  readonly id: string
  readonly type: string
  readonly content: Buffer
}

interface Asked {
  readonly name: string
  readonly answer: PromiseWithResolvers<GitObject | null>
}

const ANSWER_TIMEOUT_MS = 30_000

/** Reads any number of objects with one `git cat-file --batch`: starting git is what costs. */
export class ObjectReader {
  readonly #folder: string
  #child: ChildProcessWithoutNullStreams | undefined
  #asked: Asked[] = []
  #received: Buffer[] = []
  #receivedLength = 0
  /** How many bytes the answer under way needs before reading it makes sense. */
  #needed = 1

  constructor(folder: string) {
    this.#folder = folder
  }

  /** `name` is an id, `commit:path`, `:path` of the index, or any name of a commit. Null when there is no such object. */
  read(name: string): Promise<GitObject | null> {
    // A line is a question, so a name with a line end would be two.
    if (/[\n\0]/.test(name)) return Promise.resolve(null)
    const child = this.#start()
    const answer = Promise.withResolvers<GitObject | null>()
    const timer = setTimeout(
      () => this.#fail(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`)),
      ANSWER_TIMEOUT_MS,
    )
    this.#asked.push({ name, answer })
    child.stdin.write(`${name}\n`)
    return answer.promise.finally(() => clearTimeout(timer))
  }

  async close(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#child = undefined
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.stdin.end()
    await ended
  }

  #start(): ChildProcessWithoutNullStreams {
    if (this.#child !== undefined) return this.#child
    const child = spawn('git', [...GIT_SETTINGS, 'cat-file', '--batch'], { cwd: this.#folder, env: gitEnvironment() })
    this.#child = child
    child.stdout.on('data', (chunk: Buffer) => {
      this.#received.push(chunk)
      this.#receivedLength += chunk.length
      this.#take()
    })
    child.stderr.resume()
    child.stdin.on('error', (error) => this.#fail(error))
    child.on('error', (error) => this.#fail(error))
    child.on('close', (code) => {
      if (this.#asked.length > 0) this.#fail(new Error(`git cat-file ended with ${code}`))
    })
    return child
  }

  #take(): void {
    while (this.#asked.length > 0 && this.#receivedLength >= this.#needed) {
      const all = this.#received.length === 1 ? (this.#received[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#received)
      this.#received = [all]
      const lineEnd = all.indexOf(10)
      if (lineEnd === -1) return
      const header = all.subarray(0, lineEnd).toString('utf8')
      const match = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(header)
      const size = Number(match?.[3] ?? 0)
      const end = match === null ? lineEnd + 1 : lineEnd + 1 + size + 1
      if (all.length < end) {
        this.#needed = end
        return
      }
      this.#needed = 1
      this.#received = [all.subarray(end)]
      this.#receivedLength = all.length - end
      const object =
        match === null
          ? null
          : { id: match[1] ?? '', type: match[2] ?? '', content: all.subarray(lineEnd + 1, lineEnd + 1 + size) }
      this.#asked.shift()?.answer.resolve(object)
    }
  }

  #fail(cause: Error): void {
    const child = this.#child
    this.#child = undefined
    child?.kill('SIGKILL')
    const asked = this.#asked
    this.#asked = []
    this.#received = []
    this.#receivedLength = 0
    this.#needed = 1
    for (const { name, answer } of asked) {
      answer.reject(
        new GitError({
          code: 'failed',
          message: `git could not read ${name}: ${cause.message}.`,
          remedy: 'Run `git fsck` to see whether the repository is whole.',
          owner: 'operator',
          cause,
        }),
      )
    }
  }
}
