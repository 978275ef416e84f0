import type { Plan, Task } from './plan.ts'
import { renderScope } from './scope.ts'
import { applySplices } from './splice.ts'

/**
 * The plan as Markdown in its canonical form: tasks written one way, LF, one line end at the end of the file; everything else as it was.
 * Parsing the result gives the same plan, and rendering that gives the same text.
 */
export function renderPlan(plan: Plan): string {
  const tasks = plan.tasks.map((task) => ({ ...task.place.range, text: renderTask(task) }))
  const text = applySplices(plan.source, tasks).replaceAll(/\r\n?/gu, '\n').trimEnd()
  return text === '' ? '' : `${text}\n`
}

/** A task as a check box without its list sign: `[x] T-101 Text {paths: a/**} (#12)`. */
export function renderTask(task: Pick<Task, 'id' | 'text' | 'done' | 'evidence' | 'place'>): string {
  const words = [task.id ?? '', task.text, renderScope(task.place.braces), ...task.evidence]
  return [`[${task.done ? 'x' : ' '}]`, ...words.filter((word) => word !== '')].join(' ')
}
