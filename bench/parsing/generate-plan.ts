/** A plan as a large project keeps it: phases of ten tasks with scopes, evidence and prose between. */
export function generatePlan(tasks: number): string {
  const phases = Array.from({ length: Math.ceil(tasks / 10) }, (_, phase) => generatePhase(phase + 1))
  return `# Plan v0.1 (2026-11-21)\n\nWhat is to be done, and **why**: see [the decisions](../decisions/).\n\n${phases.join('\n')}`
}

function generatePhase(phase: number): string {
  const mark = phase === 1 ? '✅' : phase === 2 ? '⏳' : '⬜'
  const boxes = Array.from({ length: 10 }, (_, index) => {
    const id = `T-${phase * 100 + index + 1}`
    const done = phase === 1 ? 'x' : ' '
    return (
      `- [${done}] ${id} Make part ${index + 1} of floor ${phase} hold {paths: src/floor-${phase}/part-${index}/**, docs/${id}.md}\n` +
      `  - evidence: [#${phase * 10 + index}](https://example.org/pull/${phase * 10 + index})\n`
    )
  })
  return `## Phase ${phase} – Floor ${phase} ${mark}\n\nThe floor *above* rests on it; nothing \`may\` be left open, except what is written down.\n\n${boxes.join('')}`
}
