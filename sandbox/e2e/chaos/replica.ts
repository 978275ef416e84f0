import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromWorker, ToWorker, WorkerOrder } from './worker-order.ts'

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url))

/** One worker process that is killed and started again. */
export class Replica {
  readonly #orderOf: () => Omit<WorkerOrder, 'clockOffsetMs'>
  readonly #onMessage: (message: FromWorker, from: Replica) => void
  #child: ChildProcess | undefined
  #isUp = false
  #isEnding = false
  #clockOffsetMs = 0
  starts = 0
  deaths = 0

  constructor(
    orderOf: () => Omit<WorkerOrder, 'clockOffsetMs'>,
    onMessage: (message: FromWorker, from: Replica) => void,
  ) {
    this.#orderOf = orderOf
    this.#onMessage = onMessage
  }

  get isUp(): boolean {
    return this.#isUp
  }

  start(): void {
    this.starts += 1
    const child = fork(WORKER, [JSON.stringify({ ...this.#orderOf(), clockOffsetMs: this.#clockOffsetMs })], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child = child
    child.on('message', (message: FromWorker) => {
      if (message.kind === 'up') this.#isUp = true
      this.#onMessage(message, this)
    })
    child.once('exit', () => {
      this.#isUp = false
      if (this.#isEnding) return
      this.deaths += 1
      setTimeout(() => this.start(), 200)
    })
  }

  send(message: ToWorker): void {
    if (this.#child?.connected === true) this.#child.send(message, () => {})
  }

  /** Sets the clock of its machine, for this life and the next ones. */
  setClock(offsetMs: number): void {
    this.#clockOffsetMs = offsetMs
    this.send({ kind: 'set-clock', offsetMs })
  }

  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  async stopFor(ms: number): Promise<void> {
    const child = this.#child
    child?.kill('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, ms))
    child?.kill('SIGCONT')
  }

  /** Asks it to end, and ends it after `ms`. */
  async end(ms: number): Promise<void> {
    this.#isEnding = true
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGCONT')
    this.send({ kind: 'end' })
    const timer = setTimeout(() => child.kill('SIGKILL'), ms)
    await exited
    clearTimeout(timer)
  }
}
