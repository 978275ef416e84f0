import type { ArchivedPlan } from '../snapshot.ts'
import { hashPlan } from './hash.ts'
import { parsePlan } from './parse.ts'
import type { Task } from './plan.ts'
import { formatVersion } from './version.ts'

/** What rules need of one archived file. `text` null: it was not read. The answer depends on the arguments alone. */
export function indexArchivedPlan(file: {
  path: string
  blobSha: string
  mode: string
  text: string | null
}): ArchivedPlan {
  const { path, blobSha, mode, text } = file
  if (text === null) return { path, blobSha, mode, content: null }
  const plan = parsePlan(text, path)
  return {
    path,
    blobSha,
    mode,
    content: {
      version: plan.version && formatVersion(plan.version),
      hash: hashPlan(plan),
      tasks: plan.tasks.map((task) => ({ id: task.id, text: task.text, state: stateOf(task), line: task.line })),
    },
  }
}

function stateOf(task: Task): 'open' | 'done' | 'deferred' {
  if (task.done) return 'done'
  return task.deferred === null ? 'open' : 'deferred'
}
