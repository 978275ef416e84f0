import { jobIdOf } from '../../../app/commands/job-id.ts'
import type { Clock, Random } from '../../../ports/clock.ts'
import { BUGGY, HALF_MENDED } from '../__support__/open-change.ts'
import type { Forge } from './forge.ts'
import { BOT, type ForgePull, type ForgeRepository } from './forge-state.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const PEOPLE = 40
const PATIENCE_MS = 6 * HOUR

export interface Asked {
  readonly commentId: number
  readonly command: string
}

export interface Verdicts {
  pullRequests: number
  pushes: number
  commands: number
  answered: number
  refused: number
  reviews: number
  governed: number
  /** What nobody answered, checked or ended: must be empty. */
  readonly lost: string[]
  /** What was done more than once: must be empty. */
  readonly twice: string[]
}

/** People at work: pull requests in office hours, pushes, commands, changed minds; and the record of what they got for it. */
export class Office {
  readonly seen: Verdicts = {
    pullRequests: 0,
    pushes: 0,
    commands: 0,
    answered: 0,
    refused: 0,
    reviews: 0,
    governed: 0,
    lost: [],
    twice: [],
  }
  readonly #clock: Clock
  readonly #random: Random
  readonly #forge: Forge
  readonly #perHour: number
  readonly #judgedAfterMs: number
  readonly #guarded: (work: Promise<unknown>) => Promise<void>
  readonly #asked = new Map<ForgePull, Asked[]>()

  constructor(world: {
    readonly clock: Clock
    readonly random: Random
    readonly forge: Forge
    /** Pull requests opened in an hour of the day on a working day. */
    readonly perHour: number
    /** So long after its end a pull request is looked at once more, and forgotten. */
    readonly judgedAfterMs: number
    readonly guarded: (work: Promise<unknown>) => Promise<void>
  }) {
    this.#clock = world.clock
    this.#random = world.random
    this.#forge = world.forge
    this.#perHour = world.perHour
    this.#judgedAfterMs = world.judgedAfterMs
    this.#guarded = world.guarded
  }

  /** How many pull requests are not yet judged. */
  get underWay(): number {
    return this.#asked.size
  }

  async open(endsAt: number): Promise<void> {
    while (this.#clock.now() < endsAt) {
      const perHour = this.#perHour * busyness(this.#clock.now())
      await this.#clock.sleep((-Math.log(1 - this.#random.fraction()) / perHour) * HOUR)
      if (this.#clock.now() < endsAt) void this.#guarded(this.#live())
    }
  }

  /** One pull request from its opening to the judgement on what became of it. */
  async #live(): Promise<void> {
    const repositories = this.#forge.list()
    const repository = this.#one(repositories)
    const author = this.#person()
    const number = repository.lastNumber + 1
    const pull = this.#forge.openPull(repository, {
      title: `Search orders, part ${number}`,
      body: 'Customers want to find their orders.',
      author,
      headRef: `topic/${number}`,
      path: `src/orders-${number}.ts`,
      code: this.#chance(0.7) ? BUGGY : HALF_MENDED,
    })
    this.seen.pullRequests += 1
    this.#asked.set(pull, [])
    await this.#discuss(repository, pull)
    await this.#clock.sleep(this.#between(5 * MINUTE, 90 * MINUTE))
    // The check is required: nobody can merge before it has come.
    const lateAt = this.#clock.now() + Math.max(PATIENCE_MS, this.#judgedAfterMs)
    while (!isGoverned(pull) && this.#clock.now() < lateAt) await this.#clock.sleep(5 * MINUTE)
    this.#forge.close(repository, pull, this.#chance(0.85))
    await this.#clock.sleep(this.#judgedAfterMs)
    this.#judge(repository, pull)
    this.#asked.delete(pull)
    this.#forge.forget(repository, pull)
  }

  async #discuss(repository: ForgeRepository, pull: ForgePull): Promise<void> {
    for (let round = 0; round < 3; round++) {
      await this.#clock.sleep(this.#between(30 * SECOND, 40 * MINUTE))
      const draw = this.#random.fraction()
      if (draw < 0.25) this.#say(repository, pull, this.#one(REVIEWS))
      else if (draw < 0.4) this.#say(repository, pull, this.#one(QUESTIONS))
      else if (draw < 0.45) this.#forge.comment(repository, pull, this.#person(), 'Looks good so far.')
      if (this.#chance(0.04)) {
        await this.#clock.sleep(this.#between(5 * SECOND, MINUTE))
        this.#say(repository, pull, '/devloop cancel')
      }
      if (this.#chance(0.35)) {
        await this.#clock.sleep(this.#between(10 * SECOND, 30 * MINUTE))
        this.#forge.push(repository, pull, pull.code === BUGGY ? HALF_MENDED : BUGGY)
        this.seen.pushes += 1
      } else if (this.#chance(0.5)) return
    }
  }

  #say(repository: ForgeRepository, pull: ForgePull, command: string): void {
    const { id } = this.#forge.comment(repository, pull, this.#person(), command)
    this.seen.commands += 1
    this.#asked.get(pull)?.push({ commentId: id, command })
  }

  #judge(repository: ForgeRepository, pull: ForgePull): void {
    const where = `${repository.name}#${pull.number}`
    const asked = this.#asked.get(pull) ?? []
    for (const { commentId, command } of asked) {
      const reactions = pull.reactions.get(commentId)
      if (reactions?.has('rocket')) this.seen.answered += 1
      else if (reactions?.has('confused')) this.seen.refused += 1
      // The reply is the answer; the reaction after it is a courtesy that bad weather may swallow.
      else if (hasReply(repository, pull, commentId)) this.seen.answered += 1
      else this.seen.lost.push(`${where}: nobody answered "${command}" (${[...(reactions?.keys() ?? [])].join(', ')})`)
    }
    const spoken = pull.comments.filter(({ author }) => author === BOT)
    const summaries = spoken.filter(({ body }) => body.includes('<!-- devloop:review-summary'))
    this.seen.reviews += pull.reviews.length
    if (summaries.length > 1) this.seen.twice.push(`${where}: ${summaries.length} summaries`)
    if (spoken.length - summaries.length > asked.length)
      this.seen.twice.push(
        `${where}: ${spoken.length} comments for ${asked.length} commands (${spoken.map(({ body }) => body.slice(0, 120)).join(' | ')}; asked: ${asked.map(({ command }) => command).join(', ')})`,
      )
    const wanted = asked.filter(({ command }) => command.includes('review')).length
    const isAuto = repository.policy?.includes('auto: true') ?? false
    if (pull.reviews.length > wanted + (isAuto ? pull.runs.size : 0))
      this.seen.twice.push(`${where}: ${pull.reviews.length} reviews for ${wanted} commands`)
    const runs = pull.runs.get(pull.headSha) ?? []
    if (runs.some(({ name, status }) => name === 'devloop/governance' && status === 'completed'))
      this.seen.governed += 1
    else this.seen.lost.push(`${where}: no verdict on its last head`)
    for (const run of [...pull.runs.values()].flat())
      if (run.status !== 'completed') this.seen.lost.push(`${where}: ${run.name} never ended (${run.title})`)
  }

  #person(): string {
    return this.#chance(0.03) ? 'guest' : `dev${Math.floor(this.#random.fraction() * PEOPLE)}`
  }

  #one<T>(from: readonly T[]): T {
    const found = from[Math.floor(this.#random.fraction() * from.length)]
    if (found === undefined) throw new Error('there is nothing to choose from')
    return found
  }

  #chance(of: number): boolean {
    return this.#random.fraction() < of
  }

  #between(least: number, most: number): number {
    return least + this.#random.fraction() * (most - least)
  }
}

const REVIEWS = [
  '/devloop review',
  '/devloop review',
  '/devloop review --full',
  '/devloop review queries',
  '/devloop review --estimate',
]
const QUESTIONS = [
  '/infer What is an index?',
  '/devloop ask Is this safe?',
  '/devloop status',
  '/devloop check',
  '/devloop help',
  '/devloop reviw',
]

/** Of the command itself, or of the job that it made. */
function hasReply(repository: ForgeRepository, { comments }: ForgePull, commentId: number): boolean {
  const asked = comments.find(({ id }) => id === commentId)
  const job = jobIdOf(`${repository.name} issue ${commentId} 0`, Date.parse(asked?.createdAt ?? ''))
  const markers = [`:${commentId} -->`, `devloop:answer:${job} -->`]
  return comments.some(({ author, body }) => author === BOT && markers.some((marker) => body.includes(marker)))
}

function isGoverned({ runs, headSha }: ForgePull): boolean {
  return (runs.get(headSha) ?? []).some(({ name, status }) => name === 'devloop/governance' && status === 'completed')
}

/** Monday to Friday from 9 to 18 o'clock; little in the evening, next to nothing at night and at weekends. */
function busyness(at: number): number {
  const date = new Date(at)
  const hour = date.getUTCHours()
  if ([0, 6].includes(date.getUTCDay())) return 0.06
  if (hour >= 9 && hour < 18) return 1
  return hour >= 7 && hour < 22 ? 0.2 : 0.04
}
