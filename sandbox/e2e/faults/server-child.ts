import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const PROGRAM = join(import.meta.dirname, '../__support__/server-process.ts')
const START_LIMIT_MS = 40_000
const END_LIMIT_MS = 20_000

export interface ChildWish {
  readonly variables: Readonly<Record<string, string>>
  /** Before the program: flags of node, modules to load. */
  readonly flags?: readonly string[]
  /** A limit of the shell it is started in, such as `ulimit -f 4096`. */
  readonly limit?: string
}

/** The real server as a process of its own, whose words are kept. */
export class ServerChild {
  readonly logged: string[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  url = ''

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#ended = once(child, 'exit').then(([code]) => code as number | null)
  }

  static async start({ variables, flags = [], limit }: ChildWish): Promise<ServerChild> {
    const command = [process.execPath, ...flags, PROGRAM]
    // A file that may not grow gives an error to whoever writes, not a signal to the process.
    const shell = ['bash', '-c', `trap '' XFSZ; ${limit}; exec "$@"`, 'bash', ...command]
    const [program = '', ...args] = limit === undefined ? command : shell
    const child = spawn(program, args, {
      env: { ...process.env, ...variables, LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const server = new ServerChild(child)
    await server.#listening()
    return server
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  jump(jumpMs: number): void {
    this.#child.send({ jumpMs })
  }

  /** SIGTERM, and SIGKILL for one that does not go. */
  async stop(): Promise<number | null> {
    if (this.isRunning) this.#child.kill('SIGTERM')
    const late = setTimeout(() => this.#child.kill('SIGKILL'), END_LIMIT_MS)
    const code = await this.#ended
    clearTimeout(late)
    return code
  }

  async #listening(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const late = setTimeout(() => reject(new Error('the server did not listen in time')), START_LIMIT_MS)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on('line', (line) => {
        if (/^https?:\/\/\S+$/.test(line)) {
          this.url = line
          resolve()
        } else this.logged.push(line)
      })
    }
    void this.#ended.then((code) => {
      const refusal = this.logged.find((line) => /^\w*Error: /.test(line)) ?? this.logged.join(' ')
      reject(new Error(`the server ended with ${code}: ${refusal.slice(0, 300)}`))
    })
    try {
      await promise
    } catch (error) {
      this.#child.kill('SIGKILL')
      throw error
    } finally {
      clearTimeout(late)
    }
  }
}
