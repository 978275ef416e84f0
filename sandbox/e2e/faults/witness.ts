import type { JobRow } from '../../../ports/store.ts'
import type { OpenChange } from '../__support__/open-change.ts'
import { said } from '../__support__/said.ts'

const LOOK_MS = 20
const LONGEST = 120
/** What every review says on its way. */
const USUAL = /^reading the change$|waiting for a pod\)$|^writing the result|^doubting/

/** Looks at a pull request and at the dashboard as a person would, and remembers what stood there. */
export class Witness {
  readonly #change: OpenChange
  readonly #page: (path: string) => Promise<string>
  readonly #job: () => Promise<JobRow | undefined>
  readonly #titles: string[] = []
  readonly #states: string[] = []
  readonly #timer: NodeJS.Timeout

  constructor(change: OpenChange, page: (path: string) => Promise<string>, job: () => Promise<JobRow | undefined>) {
    this.#change = change
    this.#page = page
    this.#job = job
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#look()
  }

  /** Whether the summary comment or the check run ever said so. */
  hasRead(pattern: RegExp): boolean {
    this.#look()
    return this.#titles.some((title) => pattern.test(title))
  }

  /** What the check run of the review says. */
  title(): string | undefined {
    const { repository } = this.#change
    return [...repository.runs.values()].findLast(({ name }) => name === 'devloop/review')?.title ?? undefined
  }

  /** The job's page of the dashboard: its state, and the sentence of a failure. */
  async readDashboard(): Promise<void> {
    try {
      const job = await this.#job()
      if (job === undefined) return
      const text = await this.#page(`/dashboard/jobs/${job.id}`)
      const state = /State (.{1,40}?) Pull request/.exec(text)?.[1]?.trim()
      if (state !== undefined && this.#states.at(-1) !== state) this.#states.push(state)
    } catch (error) {
      this.#states.push(error instanceof Error ? 'does not answer' : String(error))
    }
  }

  pullRequest(): string {
    const { comments, summaries } = said(this.#change)
    const outcome = /Outcome \*\*(\w+)\*\*/.exec(summaries[0]?.body ?? '')?.[1]
    const telling = this.#titles.filter((title) => !USUAL.test(title))
    const titles = telling.length > 3 ? [...telling.slice(0, 2), '…', telling.at(-1)] : telling
    const ends = outcome === undefined ? `${comments.length} comments` : `summary: ${outcome}`
    return `${titles.join(' → ')}; ${ends}`
  }

  dashboard(): string {
    return this.#states.join(' → ')
  }

  #look(): void {
    const progress = said(this.#change).summaries[0]?.body ?? ''
    const phase = /### DevLoop review: (.+)/.exec(progress)?.[1] ?? this.title()
    const detail = /spent · `+ ?(.+?) ?`+\n/.exec(`${progress}\n`)?.[1]
    if (phase === undefined) return
    const text = detail === undefined ? phase : `${phase} (${detail})`
    const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
    if (!this.#titles.includes(short)) this.#titles.push(short)
  }
}
