import type { JobId } from '../../../ports/ids.ts'
import type { NewJob } from '../../../ports/store.ts'

/** A job that belongs to no repository, has a key of its own, and must have ended `limitMs` after `createdAt`. */
export function inferJob(id: JobId, createdAt: number, limitMs: number): NewJob {
  return {
    id,
    kind: 'infer',
    key: id,
    repository: null,
    installationId: null,
    pullRequest: null,
    headSha: null,
    requestedBy: null,
    request: null,
    createdAt,
    deadlineAt: createdAt + limitMs,
  }
}
