import { html } from 'hono/html'
import type { JobRow, PodRow } from '../../../ports/store.ts'
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
/** The target speaks of answers of this length. */
const TARGET_TOKENS = 256

interface Sample {
  readonly at: number
  readonly ms: number
}

export interface SpeedModel {
  readonly spinUps: readonly Sample[]
  readonly answers: readonly Sample[]
}

export async function readSpeed({ store, clock }: DashboardParts): Promise<SpeedModel> {
  const [pods, jobs] = await Promise.all([
    store.pods.listSince(clock.now() - DAYS * DAY_MS),
    store.jobs.list({ kind: 'infer', state: 'done' }, MOST_ANSWERS),
  ])
  return { spinUps: pods.flatMap(spinUp), answers: jobs.flatMap(inference).reverse() }
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

export function speedView({ spinUps, answers }: SpeedModel): Markup {
  return html`
<section id="numbers" data-live aria-label="Numbers">${tiles([
    tile('Spin-up p50', spinUps, 0.5, null, 'pod'),
    tile('Spin-up p95', spinUps, 0.95, TARGETS.spinUpP95Ms, 'pod'),
    tile('Inference p50', answers, 0.5, null, 'answer'),
    tile('Inference p95', answers, 0.95, TARGETS.inferenceP95Ms, 'answer'),
  ])}</section>
<p class="faint">Spin-up: from the wish for a GPU to a warm model, last ${DAYS} days. Inference: the newest ${MOST_ANSWERS} answers of at most ${TARGET_TOKENS} tokens.</p>
${chartFigure(samples('spin-up', 'Spin-up', spinUps, TARGETS.spinUpP95Ms))}
${chartFigure(samples('inference', 'Inference', answers, TARGETS.inferenceP95Ms))}`
}

function tile(label: string, all: readonly Sample[], share: number, targetMs: number | null, one: string): Tile {
  const value = percentile(
    all.map((sample) => sample.ms),
    share,
  )
  return {
    label,
    value: value === null ? '–' : durationText(value),
    note: `${targetMs === null ? '' : `target ${durationText(targetMs)} · `}${countText(all.length, one)}`,
    mood: value === null || targetMs === null ? 'plain' : value <= targetMs ? 'good' : 'warn',
    share: null,
  }
}

function samples(id: string, title: string, all: readonly Sample[], targetMs: number): Chart {
  return {
    id,
    title: `${title}, p95 target ${durationText(targetMs)}`,
    kind: 'dots',
    unit: 's',
    x: 'time',
    target: targetMs / 1000,
    head: ['When', title],
    rows: all.map(({ at, ms }) => [
      { text: timeText(at), value: at / 1000 },
      { text: durationText(ms), value: ms / 1000 },
    ]),
  }
}
