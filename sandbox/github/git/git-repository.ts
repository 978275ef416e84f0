import { spawn } from 'node:child_process'
import { SandboxError } from '../sandbox-error.ts'

export interface GitOptions {
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  /** Exit codes that are answers, not failures. */
  readonly answers?: readonly number[]
}

const rememberedAnswers = 400

/** A git repository on disk, driven through the `git` binary under a configuration of its own. */
export class GitRepository {
  readonly dir: string
  #remembered = new Map<string, Promise<unknown>>()

  constructor(dir: string) {
    this.dir = dir
  }

  async run(args: readonly string[], options: GitOptions = {}): Promise<{ code: number; stdout: Buffer }> {
    const { code, stdout, stderr } = await spawnGit(this.dir, args, options)
    if (code !== 0 && !options.answers?.includes(code)) {
      throw new SandboxError(
        'git-failed',
        `git ${args.slice(0, 3).join(' ')} in ${this.dir} ended with ${code}: ${stderr}`,
      )
    }
    return { code, stdout }
  }

  async text(args: readonly string[], options: GitOptions = {}): Promise<string> {
    return (await this.run(args, options)).stdout.toString('utf8').trimEnd()
  }

  isRemembered(key: string): boolean {
    return this.#remembered.has(key)
  }

  /** Objects never change, so an answer about object names is computed once. */
  remember<T>(key: string, compute: () => Promise<T>): Promise<T> {
    const known = this.#remembered.get(key)
    if (known !== undefined) return known as Promise<T>
    const answer = compute()
    this.#remembered.set(key, answer)
    answer.catch(() => this.#remembered.delete(key))
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= rememberedAnswers) break
      this.#remembered.delete(oldest)
    }
    return answer
  }
}

function spawnGit(cwd: string, args: readonly string[], options: GitOptions) {
  return new Promise<{ code: number; stdout: Buffer; stderr: string }>((resolve, reject) => {
    const child = spawn('git', ['-c', 'core.quotePath=false', ...args], {
      cwd,
      env: { ...isolated(), ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', (cause) =>
      reject(
        new SandboxError('git-failed', `git could not be started in ${cwd}; install git and check the folder.`, {
          cause,
        }),
      ),
    )
    child.on('close', (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8').trim() }),
    )
    // A command that ends before reading its input is reported by its exit code.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input)
  })
}

// Neither the user's configuration nor a surrounding repository may change what the sandbox does.
function isolated(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
  }
}
