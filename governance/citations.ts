import type { Task } from './plan/plan.ts'

const TRAILER = /^[ \t]*plan[ \t]*:[ \t]*(.{1,2000})$/gimu
const TASK_ID = /(?<![a-z0-9])T-\d{1,9}(?:\.\d{1,6})*(?![a-z0-9])/giu
const CLOSING = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)[ \t]*:?[ \t]+(?:[\w.-]+\/[\w.-]+)?#(\d{1,9})\b/giu
// Code, quotes and comments in a body are somebody else's words.
const NOT_SPOKEN =
  /```[\s\S]*?(?:```|(?![\s\S]))|~~~[\s\S]*?(?:~~~|(?![\s\S]))|<!--[\s\S]*?(?:-->|(?![\s\S]))|`[^`\n]*`|^[ \t]*>.*$/gmu

/**
 * Ids of the tasks a pull request cites: by `Plan: T-101, T-102` trailers in its body, or by `T-101` in its branch name. Never by prose.
 * Sorted, each once.
 */
export function citedTaskIds(body: string, branch: string): readonly string[] {
  const spoken = body.replaceAll(NOT_SPOKEN, '')
  const lines = [...spoken.matchAll(TRAILER)].map((match) => match[1] ?? '')
  const ids = [...lines, branch].flatMap((text) => text.match(TASK_ID) ?? [])
  return [...new Set(ids.map((id) => id.toUpperCase()))].sort()
}

/** Issues that merging a pull request with this body would close. */
export function closedIssues(body: string): readonly number[] {
  return [...body.replaceAll(NOT_SPOKEN, '').matchAll(CLOSING)].map((match) => Number(match[1]))
}

/** Ids of the tasks that name one of these issues. */
export function tasksOfIssues(tasks: readonly Task[], issues: readonly number[]): readonly string[] {
  return tasks.flatMap((task) =>
    task.id !== null && task.issues.some((issue) => issues.includes(issue)) ? [task.id] : [],
  )
}
