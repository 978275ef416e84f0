import type { ChatMessage } from '../../ports/model.ts'
import { categories, severities } from '../finding.ts'
import { codeFormat, fence, fenceRule } from './fence.ts'

/** What every prompt of one review has in common. */
export interface ReviewBrief {
  /** See `fence`. */
  readonly mark: string
  readonly title: string
  readonly description: string
  /** What the person asked to look at most; null when nothing was said. */
  readonly focus: string | null
  /** Rules of the base branch: architecture document, AGENTS.md. */
  readonly guidelines: readonly { readonly source: string; readonly text: string }[]
  /** The plan's tasks which this change cites. */
  readonly tasks: readonly { readonly id: string; readonly text: string }[]
  /** Check boxes of the linked issues. */
  readonly requirements: readonly { readonly id: string; readonly text: string }[]
  readonly failingChecks: readonly { readonly name: string; readonly summary: string }[]
}

/** What one prompt adds: a few hunks and the questions that belong to them. */
export interface FindQuestion {
  /** The hunks as the pack step rendered them, line numbers included. */
  readonly code: string
  /** What the path instructions say about these files. */
  readonly instructions: readonly string[]
  readonly mustCheck: readonly { readonly id: string; readonly question: string }[]
  /** How many findings the answer may hold. */
  readonly maxFindings: number
}

/** Asks for the findings in a few hunks. The first messages are the same for all prompts of one review. */
export function findPrompt(brief: ReviewBrief, question: FindQuestion): ChatMessage[] {
  return [
    { role: 'system', content: findSystemText(brief) },
    { role: 'user', content: `${briefText(brief)}\n\n${questionText(brief, question)}` },
  ]
}

/** All that stands before the code in every prompt of one review: its size counts once against the window. */
export function findPrefix(brief: ReviewBrief): string {
  return `${findSystemText(brief)}\n\n${briefText(brief)}`
}

function findSystemText(brief: ReviewBrief): string {
  const parts = [
    `You are a careful senior engineer who reviews part of a code change. Report real defects that the change introduces or makes reachable: wrong results, crashes, security holes, lost errors, races, leaks, broken callers, missing tests for risky behaviour, and departures from the project's own documents. No praise, no summary, no matters of taste, nothing a formatter or compiler would say, no guesses about code you cannot see. An empty list is the right answer for sound code.`,
    fenceRule(brief.mark),
    codeFormat,
    answerText(brief),
  ]
  if (brief.guidelines.length > 0) {
    parts.push('The rules of the project, from its base branch; a departure from them is a finding:')
    parts.push(...brief.guidelines.map(({ source, text }) => fence('RULES', `${source}\n\n${text}`, brief.mark)))
  }
  return parts.join('\n\n')
}

function answerText(brief: ReviewBrief): string {
  const lines = [
    'Answer with one JSON object and nothing else, no code fence:',
    '{"findings": [{"file", "line", "endLine", "severity", "category", "title", "body", "quote", "confidence", "suggestion"}], "checks": {"ID": {"verdict", "reason"}}'.concat(
      brief.requirements.length > 0 ? ', "requirements": [{"id", "verdict", "quote"}]}' : '}',
    ),
    '- file, line, endLine: the path and the numbers as shown; the place of the defect itself.',
    `- severity: ${severities.join(', ')}. critical: data loss, a hole an attacker can use, a crash in normal use. high: wrong behaviour that users meet. medium: wrong in rarer cases. low: everything else.`,
    `- category: ${categories.join(', ')}.`,
    '- title: one sentence under 80 characters that names the defect. body: what happens, when, and why, in at most four sentences.',
    '- quote: one to three lines copied exactly from the code shown, without number and mark. A finding whose quote is not in the code is thrown away.',
    '- suggestion: only when a small exact repair exists: the whole lines that replace line to endLine, with their indentation; else leave it out.',
    '- confidence: 0 to 1, how sure you are that a maintainer would agree.',
    '- checks: one entry under the id of every question of the list CHECK; verdict "fine", "problem" (then there is a finding too) or "cannot-tell".',
  ]
  if (brief.requirements.length > 0) {
    lines.push(
      '- requirements: for each numbered requirement that this code bears on, verdict "satisfied" or "violated" with an exact quote of the line that shows it; leave out the others.',
    )
  }
  return lines.join('\n')
}

function briefText(brief: ReviewBrief): string {
  const { mark } = brief
  const parts = [fence('CHANGE', `${brief.title}\n\n${brief.description}`.trim(), mark)]
  if (brief.tasks.length > 0)
    parts.push(fence('TASKS', brief.tasks.map(({ id, text }) => `${id}: ${text}`).join('\n'), mark))
  if (brief.requirements.length > 0) {
    parts.push(fence('REQUIREMENTS', brief.requirements.map(({ id, text }) => `${id}: ${text}`).join('\n'), mark))
  }
  if (brief.failingChecks.length > 0) {
    const checks = brief.failingChecks.map(({ name, summary }) => `${name}: ${summary}`).join('\n')
    parts.push(`These checks fail on this change:\n${fence('CHECKS', checks, mark)}`)
  }
  if (brief.focus !== null) parts.push(`The reader asked to look above all at:\n${fence('FOCUS', brief.focus, mark)}`)
  return parts.join('\n\n')
}

function questionText(brief: ReviewBrief, question: FindQuestion): string {
  const parts = [fence('CODE', question.code, brief.mark)]
  if (question.instructions.length > 0) {
    parts.push(
      `Of these files the project says:\n${fence('RULES', question.instructions.map((text) => `- ${text}`).join('\n'), brief.mark)}`,
    )
  }
  if (question.mustCheck.length > 0) {
    const list = question.mustCheck.map(({ id, question: text }) => `${id}: ${text}`).join('\n')
    parts.push(`CHECK, and answer each in "checks":\n${list}`)
  } else parts.push('CHECK: nothing in particular; "checks" is {}.')
  parts.push(`Report at most ${question.maxFindings} findings, the worst first.`)
  return parts.join('\n\n')
}
