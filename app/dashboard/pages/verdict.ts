import { html } from 'hono/html'
import { z } from 'zod'
import type { StoredVerdict } from '../../../ports/store.ts'
import { badge, facts, type Mood, outLink, prose, when } from '../bits.ts'
import type { Markup } from '../markup.ts'
import type { DashboardParts } from '../parts.ts'
import { countText } from '../words.ts'

const ruleShape = z.object({
  id: z.string(),
  level: z.string(),
  status: z.enum(['pass', 'fail', 'unknown', 'skip']),
  message: z.string(),
  values: z.record(z.string(), z.string()).catch({}),
  where: z.array(z.object({ path: z.string(), line: z.number() })).catch([]),
  remedy: z.object({ kind: z.string(), text: z.string(), who: z.string() }).nullable().catch(null),
  waived: z.object({ by: z.string(), reason: z.string() }).nullable().catch(null),
})
type ShownRule = z.infer<typeof ruleShape>

const verdictShape = z.object({
  rules: z.array(ruleShape).catch([]),
  shortestPath: z.array(z.object({ text: z.string(), who: z.string() })).catch([]),
  pathReachesGreen: z.boolean().catch(true),
})

export interface VerdictModel {
  readonly now: number
  readonly stored: StoredVerdict
  readonly githubWebUrl: string | null
}

export async function readVerdict(
  { store, clock, githubWebUrl }: DashboardParts,
  id: string,
): Promise<VerdictModel | undefined> {
  const stored = await store.governance.findVerdict(id)
  return stored === undefined ? undefined : { now: clock.now(), stored, githubWebUrl }
}

export function verdictView({ now, stored, githubWebUrl }: VerdictModel): Markup {
  const { rules, shortestPath, pathReachesGreen } = verdictShape.parse(stored.verdict ?? {})
  const groups = Map.groupBy(rules, (rule) => rule.id.split('/')[0] ?? '')
  return html`
<div class="card">${facts([
    ['Conclusion', badge(stored.conclusion)],
    ['Pull request', pullRequestLink(stored, githubWebUrl)],
    ['Head', html`<code>${stored.headSha.slice(0, 10)}</code>`],
    ['Plan drift', String(stored.drift)],
    ['Judged', when(stored.createdAt, now)],
    ['Again', html`<code>devloop replay ${stored.id}</code>`],
  ])}</div>
${
  shortestPath.length === 0
    ? ''
    : html`<h2>Shortest way to green</h2><div class="card">${pathReachesGreen ? '' : html`<p class="faint">As far as can be told; the rest needs somebody's judgement.</p>`}<ol class="path">${shortestPath.map((step) => html`<li><span class="strange">${prose(step.text)}</span> <span class="faint strange">${step.who}</span></li>`)}</ol></div>`
}
<h2>Rules</h2>
<ul class="tree card">${[...groups].map(
    ([name, own]) =>
      html`<li><p class="group"><strong>${name}</strong> <span class="faint">${groupSummary(own)}</span></p><ul>${[...own].sort((a, b) => weight(b) - weight(a)).map(ruleItem)}</ul></li>`,
  )}</ul>`
}

function pullRequestLink({ repository, pullRequest }: StoredVerdict, githubWebUrl: string | null): Markup | string {
  if (pullRequest === null) return `${repository} (merge group)`
  const text = `${repository}#${pullRequest}`
  return githubWebUrl === null ? text : outLink(`${githubWebUrl}/${repository}/pull/${pullRequest}`, text)
}

function ruleItem(rule: ShownRule): Markup {
  const { word, mood } = standing(rule)
  const places = rule.where.slice(0, 20)
  return html`<li><details id="rule-${rule.id}"${isRed(rule) && rule.waived === null ? html` open` : ''}>
<summary>${badge(word, mood)} <code>${rule.id}</code> <span class="strange">${prose(rule.message)}</span></summary>
${facts([
  ['Level', rule.level],
  ...Object.entries(rule.values).map(([name, value]) => [name, html`<span class="strange">${value}</span>`] as const),
  [
    'Where',
    places.length === 0
      ? null
      : html`${places.map((place) => html`<code class="strange block">${place.path}:${place.line}</code>`)}${rule.where.length > places.length ? `and ${rule.where.length - places.length} more` : ''}`,
  ],
  [
    'Remedy',
    rule.remedy === null
      ? null
      : html`<span class="strange">${prose(rule.remedy.text)}</span> <span class="faint">${rule.remedy.kind}, <span class="strange">${rule.remedy.who}</span></span>`,
  ],
  [
    'Waived',
    rule.waived === null
      ? null
      : html`by <span class="strange">${rule.waived.by}</span>: <span class="strange">${rule.waived.reason}</span>`,
  ],
])}
</details></li>`
}

function isRed({ status }: ShownRule): boolean {
  return status === 'fail' || status === 'unknown'
}

function standing(rule: ShownRule): { readonly word: string; readonly mood: Mood } {
  if (rule.status === 'pass') return { word: 'passes', mood: 'good' }
  if (rule.status === 'skip') return { word: 'skipped', mood: 'plain' }
  if (rule.waived !== null) return { word: 'waived', mood: 'warn' }
  const word = rule.status === 'unknown' ? 'cannot tell' : rule.level === 'block' ? 'holds' : 'warns'
  return { word, mood: rule.level === 'block' ? 'bad' : 'warn' }
}

function weight(rule: ShownRule): number {
  const moods: readonly Mood[] = ['plain', 'good', 'warn', 'bad']
  return moods.indexOf(standing(rule).mood)
}

function groupSummary(rules: readonly ShownRule[]): string {
  const red = rules.filter((rule) => isRed(rule) && rule.waived === null).length
  return red === 0 ? countText(rules.length, 'rule') : `${red} of ${countText(rules.length, 'rule')} red`
}
