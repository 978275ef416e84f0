import { readFileSync } from 'node:fs'
import type { Random } from '../../ports/clock.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 24 * HOUR
const JOBS = 2_000

export interface Trace {
  readonly name: string
  /** Milliseconds from the beginning, ascending. */
  readonly arrivals: readonly number[]
}

/** Arrivals that look like the real ones, and one that is real. */
export function allTraces(): readonly Trace[] {
  return [
    { name: 'poisson 1/h', arrivals: poisson(1, 1) },
    { name: 'poisson 6/h', arrivals: poisson(6, 2) },
    { name: 'poisson 30/h', arrivals: poisson(30, 3) },
    { name: 'office hours', arrivals: officeHours(8, 4) },
    { name: 'bursts', arrivals: bursts(5) },
    { name: 'commit times', arrivals: commitTimes() },
  ]
}

function poisson(perHour: number, seed: number): number[] {
  const random = createSeededRandom(seed)
  let at = 0
  return Array.from({ length: JOBS }, () => {
    at += exponential(random, HOUR / perHour)
    return at
  })
}

/** Nine to six, Monday to Friday; hardly anything else. */
function officeHours(perHour: number, seed: number): number[] {
  const random = createSeededRandom(seed)
  const arrivals: number[] = []
  for (let at = 0; arrivals.length < JOBS; ) {
    at += exponential(random, HOUR / perHour)
    const hour = (at % DAY) / HOUR
    const isOffice = Math.floor(at / DAY) % 7 < 5 && hour >= 9 && hour < 18
    if (isOffice || random.fraction() < 0.02) arrivals.push(at)
  }
  return arrivals
}

/** A pull request is pushed to several times in a row, then it is quiet for an hour or so. */
function bursts(seed: number): number[] {
  const random = createSeededRandom(seed)
  const arrivals: number[] = []
  for (let at = 0; arrivals.length < JOBS; ) {
    at += exponential(random, HOUR)
    arrivals.push(at)
    while (random.fraction() < 0.8) {
      at += 20 * SECOND + exponential(random, 4 * MINUTE)
      arrivals.push(at)
    }
  }
  return arrivals
}

function commitTimes(): number[] {
  const { gapsSeconds } = JSON.parse(readFileSync(new URL('./commit-times.json', import.meta.url), 'utf8'))
  let at = 0
  return [0, ...gapsSeconds].map((gap: number) => {
    at += gap * SECOND
    return at
  })
}

export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random.fraction()) * mean
}
