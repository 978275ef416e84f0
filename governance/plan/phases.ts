import { isSettled, type Phase, type PhaseState, type Task } from './plan.ts'

/** A phase as one heading or roadmap line declares it. `range.end` is set when the reader leaves the section. */
export interface PhaseDraft {
  readonly number: number
  readonly title: string
  readonly state: PhaseState | null
  readonly line: number
  readonly range: { readonly start: number; end: number } | null
}

export interface PhaseSources {
  readonly headings: readonly PhaseDraft[]
  readonly roadmap: readonly PhaseDraft[]
  /** Headings such as "RunPod Setup (Phase 1)": they declare a phase only when nothing else does. */
  readonly sections: readonly PhaseDraft[]
  readonly tasks: readonly Task[]
  /** The current phase as the front matter says it. */
  readonly current: number | null
}

/**
 * One list of phases from all places that declare them. A phase with tasks is done when all of them are settled, whatever its mark
 * says; one without tasks is what its mark says. The first phase that is not done is current unless another one is marked so.
 */
export function settlePhases(sources: PhaseSources): {
  phases: Phase[]
  problems: { readonly line: number; readonly message: string }[]
} {
  const problems: { line: number; message: string }[] = []
  const byNumber = new Map<number, PhaseDraft>()
  const lines = Map.groupBy([...sources.headings, ...sources.roadmap], (draft) => draft.number)
  for (const draft of [...sources.headings, ...sources.roadmap, ...sources.sections]) {
    const known = byNumber.get(draft.number)
    if (known === undefined) byNumber.set(draft.number, draft)
    else if (known.state === null && draft.state !== null && sources.roadmap.includes(draft)) {
      byNumber.set(draft.number, { ...known, state: draft.state })
    }
  }
  const tasks = Map.groupBy(sources.tasks, (task) => task.phase)
  const drafts = [...byNumber.values()]
  const isDone = (draft: PhaseDraft) => {
    const own = tasks.get(draft.number) ?? []
    const settled = own.every(isSettled)
    if (own.length > 0 && !settled && draft.state === 'done') {
      const open = own.find((task) => !isSettled(task))
      problems.push({
        line: draft.line,
        message: `Phase ${draft.number} is marked done, but ${open?.id ?? `"${open?.text}"`} in line ${open?.line} is open`,
      })
    }
    return own.length > 0 ? settled : draft.state === 'done'
  }
  const done = new Set(drafts.filter(isDone).map((draft) => draft.number))
  const marked = drafts.filter((draft) => draft.state === 'current' && !done.has(draft.number))
  const [, second] = marked
  if (second)
    problems.push({
      line: second.line,
      message: `Phase ${second.number} is marked current, but Phase ${marked[0]?.number} is as well; mark one`,
    })
  const wished = drafts.find((draft) => draft.number === sources.current && !done.has(draft.number))
  const current = wished ?? marked[0] ?? drafts.find((draft) => !done.has(draft.number))
  const phases = drafts.map(({ number, title, line, range }): Phase => {
    const state = done.has(number) ? 'done' : number === current?.number ? 'current' : 'open'
    return {
      number,
      title,
      state,
      tasks: tasks.get(number) ?? [],
      line,
      range,
      lines: (lines.get(number) ?? []).map((draft) => draft.line),
    }
  })
  return { phases, problems }
}
