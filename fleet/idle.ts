import type { IdlePolicy } from './policy.ts'

/** What was known when a gap between two jobs began; gaps of one kind are learnt from together. */
export type GapContext = 'hinted' | 'busy' | 'calm'

/** What the fleet has learnt of its demand. Plain values, kept with the data. */
export interface IdleMemory {
  /** From the end of work to the next demand, newest last. */
  readonly gaps: readonly { readonly ms: number; readonly context: GapContext }[]
  /** Paid time with a purpose (boot, load, calls), and paid time without. */
  readonly busyMs: number
  readonly idleMs: number
}

export const NO_IDLE_MEMORY: IdleMemory = { gaps: [], busyMs: 0, idleMs: 0 }

const MOST_GAPS = 200
/** A gap this short says that people are at work. */
const BUSY_GAP_MS = 15 * 60_000
/** Fewer gaps of one kind say less than all of them together. */
const FEWEST_GAPS = 8
/** Allowance saved up (or overdrawn) is spread over so many gaps to come. */
const SPREAD_GAPS = 6
const HALVINGS = 40
/** One hit per thousand hours of idling is worth nothing to anybody. */
const LEAST_PRICE = 1e-10

export function recordGap(memory: IdleMemory, ms: number, context: GapContext): IdleMemory {
  return { ...memory, gaps: [...memory.gaps, { ms: Math.max(0, ms), context }].slice(-MOST_GAPS) }
}

export function recordTime(memory: IdleMemory, busyMs: number, idleMs: number): IdleMemory {
  return { ...memory, busyMs: memory.busyMs + busyMs, idleMs: memory.idleMs + idleMs }
}

export function contextOf(memory: IdleMemory, isHinted: boolean): GapContext {
  if (isHinted) return 'hinted'
  const last = memory.gaps.at(-1)
  return last !== undefined && last.ms <= BUSY_GAP_MS ? 'busy' : 'calm'
}

/**
 * How long a pod that has just run out of work is kept. `adaptive` never lets idle time pass its share of all paid time, and within
 * that share waits where waiting has paid most: it picks, for each kind of gap, the wait that catches most jobs per idle minute.
 */
export function keepIdleMs(memory: IdleMemory, policy: IdlePolicy, context: GapContext): number {
  switch (policy.kind) {
    case 'immediate':
      return 0
    case 'fixed':
      return policy.maxMs
    case 'adaptive': {
      const leftMs = allowanceMs(memory, policy.spendTarget)
      if (leftMs <= 0) return 0
      const wishMs = memory.gaps.length < FEWEST_GAPS ? policy.maxMs : bestWait(memory, policy, context)
      return Math.min(policy.maxMs, wishMs, leftMs)
    }
  }
}

/** Idle time that may still be paid for before it is more than its share. */
function allowanceMs(memory: IdleMemory, spendTarget: number): number {
  if (spendTarget >= 1) return Number.POSITIVE_INFINITY
  return (spendTarget / (1 - spendTarget)) * memory.busyMs - memory.idleMs
}

interface Choice {
  readonly waitMs: number
  /** Per gap of its kind: how likely the wait catches the next job, and what it costs on average. */
  readonly hits: number
  readonly idleMs: number
}

const NO_WAIT: Choice = { waitMs: 0, hits: 0, idleMs: 0 }

interface Kind {
  readonly context: GapContext
  /** Which part of all gaps is of this kind. */
  readonly share: number
  readonly choices: readonly Choice[]
}

function bestWait(memory: IdleMemory, policy: IdlePolicy, context: GapContext): number {
  const kinds = kindsOf(memory, policy.maxMs)
  const perGapMs =
    (policy.spendTarget / (1 - Math.min(policy.spendTarget, 0.999))) * (memory.busyMs / memory.gaps.length)
  const savedMs = allowanceMs(memory, policy.spendTarget)
  const budgetMs = Math.max(0, perGapMs + (savedMs - perGapMs) / SPREAD_GAPS)
  const { frugal, generous } = spread(kinds, budgetMs)
  const choiceOf = (chosen: ReadonlyMap<GapContext, Choice>) => chosen.get(context) ?? chosen.get('calm') ?? NO_WAIT
  // Between the two lies the budget: the dearer wait is taken whenever enough has been saved for the whole of it.
  const dear = choiceOf(generous).waitMs
  return dear <= savedMs ? dear : choiceOf(frugal).waitMs
}

function kindsOf(memory: IdleMemory, maxMs: number): readonly Kind[] {
  const all = memory.gaps.map((gap) => gap.ms)
  const contexts: readonly GapContext[] = ['hinted', 'busy', 'calm']
  return contexts.flatMap((context) => {
    const own = memory.gaps.filter((gap) => gap.context === context).map((gap) => gap.ms)
    if (own.length === 0) return []
    return [
      { context, share: own.length / all.length, choices: choicesOf(own.length < FEWEST_GAPS ? all : own, maxMs) },
    ]
  })
}

/** Only waits that end right after a gap that was seen can be best: a little longer costs more and catches nothing more. */
function choicesOf(gaps: readonly number[], maxMs: number): readonly Choice[] {
  const sorted = gaps.toSorted((a, b) => a - b)
  const choices: Choice[] = []
  let sumMs = 0
  sorted.forEach((gapMs, index) => {
    sumMs += gapMs
    // A tenth beyond the gap itself, since the next one like it will not be the same to the millisecond.
    const waitMs = Math.min(maxMs, gapMs * 1.1)
    if (gapMs > maxMs) return
    const caught = index + 1
    choices.push({
      waitMs,
      hits: caught / sorted.length,
      idleMs: (sumMs + (sorted.length - caught) * waitMs) / sorted.length,
    })
  })
  return choices
}

/** Most hits for the budget: the waits at the lowest price per idle millisecond that fits it, and those just below that price. */
function spread(kinds: readonly Kind[], budgetMs: number) {
  let low = 0
  let high = 1
  for (let turn = 0; turn < HALVINGS; turn += 1) {
    const price = Math.sqrt(Math.max(low, LEAST_PRICE) * high)
    if (costOf(kinds, atPrice(kinds, price)) <= budgetMs) high = price
    else low = price
  }
  return { frugal: atPrice(kinds, high), generous: atPrice(kinds, low) }
}

/** For each kind the wait that is worth most when an idle millisecond has its price in hits. */
function atPrice(kinds: readonly Kind[], price: number): ReadonlyMap<GapContext, Choice> {
  const worth = (choice: Choice) => choice.hits - price * choice.idleMs
  return new Map(
    kinds.map(({ context, choices }) => [
      context,
      choices.reduce((best, choice) => (worth(choice) > worth(best) ? choice : best), NO_WAIT),
    ]),
  )
}

function costOf(kinds: readonly Kind[], chosen: ReadonlyMap<GapContext, Choice>): number {
  return kinds.reduce((sum, kind) => sum + kind.share * (chosen.get(kind.context)?.idleMs ?? 0), 0)
}
