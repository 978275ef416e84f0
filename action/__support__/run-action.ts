import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const DIST = join(import.meta.dirname, '..', 'dist')

export interface StepWish {
  readonly inputs: Readonly<Record<string, string>>
  readonly eventName?: string
  /** Absent: an empty event file. */
  readonly event?: unknown
  readonly env?: Readonly<Record<string, string>>
  /** The step's parent is a shell of its own, which a test can kill: the runner's worker. */
  readonly worker?: boolean
}

export interface StepEnd {
  readonly exitCode: number | null
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
  readonly exported: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  readonly summary: string
  /** `error: text`, in order. */
  readonly annotations: readonly string[]
  readonly masks: readonly string[]
}

/** One step of a job, started as GitHub's runner starts it: the committed bundle, its inputs and files in the environment. */
export class Step {
  readonly folder = mkdtempSync(join(tmpdir(), 'action-step-'))
  readonly #wish: StepWish
  #state: Readonly<Record<string, string>> = {}

  constructor(wish: StepWish) {
    this.#wish = wish
    mkdirSync(join(this.folder, 'temp'))
    mkdirSync(join(this.folder, 'workspace'))
    writeFileSync(join(this.folder, 'event.json'), wish.event === undefined ? '' : JSON.stringify(wish.event))
  }

  start(): { readonly child: ChildProcess; readonly ended: Promise<StepEnd> } {
    return this.#spawn('main', {})
  }

  async main(): Promise<StepEnd> {
    return this.start().ended
  }

  async post(): Promise<StepEnd> {
    return this.#spawn('post', this.#state).ended
  }

  /** The state that `main` saved, also when it was killed. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #spawn(entry: 'main' | 'post', state: Readonly<Record<string, string>>) {
    const { inputs, eventName = 'pull_request', env } = this.#wish
    const files = ['OUTPUT', 'ENV', 'STATE', 'STEP_SUMMARY', 'PATH']
    const path = (name: string) => join(this.folder, `${entry}-${name.toLowerCase()}`)
    for (const name of files) writeFileSync(path(name), '')
    const program = [process.execPath, join(DIST, `${entry}.js`)]
    const [command = '', ...args] = this.#wish.worker ? ['bash', '-c', '"$0" "$1" & wait', ...program] : program
    const child = spawn(command, args, {
      cwd: join(this.folder, 'workspace'),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        GITHUB_ACTIONS: 'true',
        GITHUB_EVENT_NAME: eventName,
        GITHUB_EVENT_PATH: join(this.folder, 'event.json'),
        GITHUB_REPOSITORY: 'acme/shop',
        GITHUB_WORKSPACE: join(this.folder, 'workspace'),
        RUNNER_TEMP: join(this.folder, 'temp'),
        ...Object.fromEntries(files.map((name) => [`GITHUB_${name}`, path(name)])),
        ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
        ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])),
        ...env,
      },
    })
    let log = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => (log += piece.toString()))
    const ended = new Promise<StepEnd>((resolve, reject) => {
      child.once('error', reject)
      // What a killed step leaves behind holds its pipes open: the runner does not wait for that either.
      child.once('exit', () => setTimeout(() => child.emit('over'), 150))
      child.once('close', () => child.emit('over'))
      child.once('over', () => {
        const { exitCode } = child
        const read = (name: string) => entries(readFileSync(path(name), 'utf8'))
        if (entry === 'main') this.#state = read('STATE')
        resolve({
          exitCode,
          log,
          outputs: read('OUTPUT'),
          exported: read('ENV'),
          state: read('STATE'),
          summary: readFileSync(path('STEP_SUMMARY'), 'utf8'),
          annotations: [...log.matchAll(/^::(error|warning|notice)[^:\n]*(?:%3A[^:\n]*)*::(.*)$/gm)].map(
            ([, level, text]) => `${level}: ${text}`,
          ),
          masks: [...log.matchAll(/^::add-mask::(.*)$/gm)].map(([, secret = '']) => secret),
        })
      })
    })
    return { child, ended }
  }
}

/** `name<<delimiter`, lines, `delimiter`: as the runner reads its files. */
function entries(text: string): Readonly<Record<string, string>> {
  const found = text.matchAll(/^([^\n<]+)<<(\S+)\n([\s\S]*?)\n\2$/gm)
  return Object.fromEntries([...found].map(([, name = '', , value = '']) => [name, value]))
}
