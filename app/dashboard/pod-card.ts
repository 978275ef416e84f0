import { html } from 'hono/html'
import { usdFromMicroUsd } from '../../ports/money.ts'
import type { PodRow, PodState } from '../../ports/store.ts'
import { facts } from './bits.ts'
import type { Markup } from './markup.ts'
import { durationText, priceText, usdText } from './words.ts'

const PHASES = ['Rent', 'Boot', 'Warm', 'Serve', 'Give back'] as const

const PHASE_OF: Readonly<Record<PodState, number>> = {
  intent: 0,
  creating: 0,
  booting: 1,
  warming: 2,
  ready: 3,
  busy: 3,
  draining: 4,
  terminating: 4,
  lost: 4,
  gone: 5,
  rejected: 5,
}

const SENTENCES: Readonly<Record<PodState, string>> = {
  intent: 'A GPU is about to be rented',
  creating: 'Renting a GPU',
  booting: 'The GPU boots',
  warming: 'The model is loaded',
  ready: 'Ready and idle',
  busy: 'At work',
  draining: 'Last calls end, then it is given back',
  terminating: 'Being given back',
  lost: 'Lost: being ended',
  gone: 'Gone',
  rejected: 'Not to be had',
}

const HOUR_MS = 3_600_000

/** One live GPU: where it is between rent and give-back, what it costs, and how long it may stay idle; `stop` is the button beside that. */
export function podCard(
  pod: PodRow & { readonly leases: number },
  now: number,
  idle: { readonly policy: string; readonly maxMinutes: number },
  stop: Markup | '',
): Markup {
  const state = pod.state === 'ready' && pod.leases > 0 ? 'busy' : pod.state
  const rentedAt = pod.attemptedAt ?? pod.intentAt
  const perHour = usdFromMicroUsd(pod.microUsdPerHour)
  return html`<article class="card pod ${state}" aria-label="GPU ${pod.candidate.gpu}">
<div class="head"><p class="state"><span class="dot" aria-hidden="true"></span>${SENTENCES[state]}</p>${stop}</div>
${phases(PHASE_OF[state])}
${facts([
  ['GPU', html`${pod.candidate.gpu} <span class="faint">${pod.candidate.cloud}</span>`],
  ['Model', html`<code class="strange">${pod.model}</code>`],
  ['Up', html`<span data-since="${rentedAt}">${durationText(now - rentedAt)}</span>`],
  ['Costs', `${usdText((perHour * (now - rentedAt)) / HOUR_MS)} so far, ${priceText(perHour)} an hour`],
  ['Calls', `${pod.leases} of ${pod.parallel} slots`],
  ['Idle', idleText(pod, state, now, idle)],
  ['Hard end', html`in <span data-until="${pod.deadlineAt}">${durationText(pod.deadlineAt - now)}</span>`],
  ['Why it ends', pod.endReason],
])}
<p class="faint small"><code class="strange">${pod.name}</code></p>
</article>`
}

function phases(current: number): Markup {
  return html`<ol class="phases" aria-label="Phases">${PHASES.map((name, index) => {
    const state = index < current ? 'past' : index === current ? 'here' : 'to-come'
    return html`<li class="${state}"${index === current ? html` aria-current="step"` : ''}>${name}</li>`
  })}</ol>`
}

function idleText(
  pod: PodRow,
  state: PodState,
  now: number,
  idle: { readonly policy: string; readonly maxMinutes: number },
): Markup | string | null {
  if (state !== 'ready' || pod.readyAt === null) return null
  const since = pod.lastUseAt ?? pod.readyAt
  const until = since + idle.maxMinutes * 60_000
  if (idle.policy === 'immediate')
    return html`<span data-since="${since}">${durationText(now - since)}</span>, given back at once`
  return html`<span data-since="${since}">${durationText(now - since)}</span>, given back in ${idle.policy === 'adaptive' ? 'at most ' : ''}<strong data-until="${until}">${durationText(until - now)}</strong>`
}
