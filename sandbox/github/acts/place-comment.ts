import { validationFailed } from '../api-error.ts'
import { findPatchLine, parsePatch, type PatchLine, sliceHunk } from '../git/patch-lines.ts'
import { listDiff } from '../git/diff.ts'
import { findMergeBase, findSha } from '../git/commits.ts'
import type { Side } from '../state/conversation.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { notInDiff } from './place-refusals.ts'

/** Where somebody wants a comment: by lines and side, or by the old `position`. */
export interface WantedPlace {
  readonly path: string
  readonly line?: number | null | undefined
  readonly side?: Side | undefined
  readonly startLine?: number | null | undefined
  readonly startSide?: Side | undefined
  readonly position?: number | undefined
  readonly subjectType?: 'line' | 'file' | undefined
}

export interface Place {
  readonly path: string
  readonly line: number
  readonly side: Side
  readonly startLine: number | null
  readonly startSide: Side | null
  readonly position: number
  readonly diffHunk: string
  readonly subjectType: 'line' | 'file'
}

/** Finds a place in the diff at `commitSha`, or refuses as GitHub does. */
export async function placeComment(
  world: World,
  repository: Repository,
  request: { pullRequest: PullRequest; commitSha: string; wanted: WantedPlace; form: 'single' | 'review' },
): Promise<Place> {
  const { pullRequest, commitSha, wanted, form } = request
  const git = world.git(repository)
  const sha = await findSha(git, commitSha)
  if (sha === undefined)
    throw validationFailed({
      resource: 'PullRequestReviewComment',
      code: 'custom',
      field: 'commit_id',
      message: 'commit_id is not part of the pull request',
    })
  const base = (await findMergeBase(git, pullRequest.baseSha, sha)) ?? pullRequest.baseSha
  const file = (await listDiff(git, base, sha)).find(({ path }) => path === wanted.path)
  if (file === undefined) throw notInDiff(form, 'path')
  if (wanted.subjectType === 'file') {
    return {
      path: file.path,
      line: 1,
      side: 'RIGHT',
      startLine: null,
      startSide: null,
      position: 1,
      diffHunk: '',
      subjectType: 'file',
    }
  }
  const lines = parsePatch(file.patch ?? '')
  const last = findLast(lines, wanted)
  if (last === undefined) throw notInDiff(form, wanted.position === undefined ? 'line' : 'position')
  const start = findStart(lines, wanted, last.side)
  if (start === 'outside' || (start !== undefined && !isBefore(start.patchLine, last.patchLine)))
    throw notInDiff(form, 'start_line')
  return {
    path: file.path,
    line: last.line,
    side: last.side,
    startLine: start?.line ?? null,
    startSide: start?.side ?? null,
    position: last.patchLine.position,
    diffHunk: sliceHunk(lines, last.patchLine),
    subjectType: 'line',
  }
}

interface Found {
  readonly line: number
  readonly side: Side
  readonly patchLine: PatchLine
}

function findLast(lines: readonly PatchLine[], wanted: WantedPlace): Found | undefined {
  if (wanted.line === undefined || wanted.line === null) {
    const patchLine = lines.find((line) => line.position === wanted.position && line.kind !== 'hunk')
    if (patchLine === undefined) return undefined
    const side = patchLine.newLine === null ? 'LEFT' : 'RIGHT'
    return { side, line: patchLine.newLine ?? patchLine.oldLine ?? 0, patchLine }
  }
  const side = wanted.side ?? 'RIGHT'
  const patchLine = findPatchLine(lines, wanted.line, side)
  return patchLine === undefined ? undefined : { side, line: wanted.line, patchLine }
}

function findStart(lines: readonly PatchLine[], wanted: WantedPlace, lastSide: Side): Found | 'outside' | undefined {
  if (wanted.startLine === undefined || wanted.startLine === null) return undefined
  const side = wanted.startSide ?? lastSide
  const patchLine = findPatchLine(lines, wanted.startLine, side)
  return patchLine === undefined ? 'outside' : { side, line: wanted.startLine, patchLine }
}

// A comment over several lines stays within one hunk, and its start precedes its end.
function isBefore(start: PatchLine, last: PatchLine): boolean {
  return start.hunk === last.hunk && start.position < last.position
}
