import { html } from 'hono/html'
import { z } from 'zod'
import type { JobEvent, JobRow, PodRow } from '../../../ports/store.ts'
import { type Tile, tiles } from '../bits.ts'
import { type Chart, chartFigure } from '../chart.ts'
import { parseAnswerResult } from '../job-result.ts'
import type { Markup } from '../markup.ts'
import type { DashboardParts } from '../parts.ts'
import { percentile } from '../percentile.ts'
import { TARGETS } from '../status-tiles.ts'
import { countText, durationText, timeText } from '../words.ts'

const DAYS = 14
const DAY_MS = 86_400_000
const MOST_ANSWERS = 200
/** Each costs a look at its events. */
const MOST_REVIEWS = 25
/** The target speaks of answers of this length. */
const TARGET_TOKENS = 256

interface Sample {
  readonly at: number
  readonly ms: number
}

export interface SpeedModel {
  readonly spinUps: readonly Sample[]
  readonly answers: readonly Sample[]
  /** Calls of reviews: their prompts are thousands of tokens long, so they are held against no target of prompts. */
  readonly reviewCalls: readonly Sample[]
}

export async function readSpeed({ store, clock }: DashboardParts): Promise<SpeedModel> {
  const [pods, jobs, reviews] = await Promise.all([
    store.pods.listSince(clock.now() - DAYS * DAY_MS),
    store.jobs.list({ kind: 'infer', state: 'done' }, MOST_ANSWERS),
    store.jobs.list({ kind: 'review' }, MOST_REVIEWS),
  ])
  const events = await Promise.all(reviews.map(({ id }) => store.jobs.listEvents(id)))
  return {
    spinUps: pods.flatMap(spinUp),
    answers: jobs.flatMap(inference).reverse(),
    reviewCalls: events
      .flat()
      .flatMap(reviewCall)
      .sort((one, other) => one.at - other.at)
      .slice(-MOST_ANSWERS),
  }
}

const callFacts = z.object({ startedAt: z.number() })

function reviewCall({ kind, at, facts }: JobEvent): Sample[] {
  const { data } = callFacts.safeParse(facts)
  return kind !== 'model-call' || data === undefined ? [] : [{ at, ms: at - data.startedAt }]
}

function spinUp({ intentAt, readyAt }: PodRow): Sample[] {
  return readyAt === null ? [] : [{ at: intentAt, ms: readyAt - intentAt }]
}

/** Answers longer than the target's length would be held against the wrong number. */
function inference({ result, endedAt, createdAt }: JobRow): Sample[] {
  const answer = parseAnswerResult(result)
  const ms = answer?.timing.inferMs
  const tokens = answer?.usage.completionTokens
  if (ms === null || ms === undefined || (tokens ?? 0) > TARGET_TOKENS) return []
  return [{ at: endedAt ?? createdAt, ms }]
}

export function speedView({ spinUps, answers, reviewCalls }: SpeedModel): Markup {
  return html`
<section id="numbers" data-live aria-label="Numbers">${tiles([
    tile('Spin-up p50', spinUps, 0.5, null, 'pod'),
    tile('Spin-up p95', spinUps, 0.95, TARGETS.spinUpP95Ms, 'pod'),
    tile('Inference p50', answers, 0.5, null, 'answer'),
    tile('Inference p95', answers, 0.95, TARGETS.inferenceP95Ms, 'answer'),
    tile('Review call p50', reviewCalls, 0.5, null, 'call'),
    tile('Review call p95', reviewCalls, 0.95, null, 'call'),
  ])}</section>
${chartFigure(samples('spin-up', `Spin-up, p95 target ${durationText(TARGETS.spinUpP95Ms)}`, 'Spin-up', spinUps, TARGETS.spinUpP95Ms))}
${chartFigure(samples('inference', `Inference, p95 target ${durationText(TARGETS.inferenceP95Ms)}`, 'Inference', answers, TARGETS.inferenceP95Ms))}
${chartFigure(samples('review-calls', 'Review calls', 'Call', reviewCalls, null))}
<p class="faint">Spin-up: from the wish for a GPU to a warm model, last ${DAYS} days. Inference: the newest ${MOST_ANSWERS} prompts, as far as they were answered in at most ${TARGET_TOKENS} tokens. Review calls: those of the newest ${MOST_REVIEWS} reviews; their prompts are thousands of tokens long.</p>`
}

function tile(label: string, all: readonly Sample[], share: number, targetMs: number | null, one: string): Tile {
  const value = percentile(
    all.map((sample) => sample.ms),
    share,
  )
  return {
    label,
    value: value === null ? '–' : durationText(value),
    note: `${targetMs === null ? '' : `${value !== null && value > targetMs ? 'over the target of' : 'target'} ${durationText(targetMs)} · `}${countText(all.length, one)}`,
    mood: value === null || targetMs === null ? 'plain' : value <= targetMs ? 'good' : 'warn',
    share: null,
  }
}

function samples(id: string, title: string, name: string, all: readonly Sample[], targetMs: number | null): Chart {
  return {
    id,
    title,
    kind: 'dots',
    unit: 's',
    x: 'time',
    target: targetMs === null ? null : targetMs / 1000,
    head: ['When', name],
    rows: all.map(({ at, ms }) => [
      { text: timeText(at), value: at / 1000 },
      { text: durationText(ms), value: ms / 1000 },
    ]),
  }
}
