import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const FILES = globSync(['.github/workflows/*.yml', 'examples/workflows/*.yml'], { cwd: ROOT })

/** What a workflow must not do: one sentence each. */
function problemsOf(text: string): readonly string[] {
  const lines = text.split('\n')
  const uses = lines.flatMap((line) => /^\s*-?\s*uses:\s*(\S+)/.exec(line)?.[1] ?? [])
  const expressions = runTexts(lines).flatMap((run) =>
    [...run.matchAll(/\$\{\{\s*([^}]*)\}\}/g)].map(([, inside = '']) => inside),
  )
  return [
    ...uses
      .filter((used) => !/^\.\/|@[0-9a-f]{40}$|^devloop\/devloop@v\d$/.test(used))
      .map((used) => `${used} is not pinned by its commit`),
    ...(/^permissions:/m.test(text) ? [] : ['the rights of its token are not named']),
    ...(/\bpull_request_target\b/.test(text) && /uses: actions\/checkout/.test(text)
      ? ['it checks code of strangers out with the rights of the house']
      : []),
    ...expressions
      .filter((inside) =>
        /github\.(?:head_ref|event\.(?:issue|pull_request|comment|review|head_commit|commits))/.test(inside),
      )
      .map((inside) => `a shell reads what strangers wrote: ${inside.trim()}`),
    ...(/uses: actions\/checkout/.test(text) && !/persist-credentials: false/.test(text)
      ? ['its checkout leaves a token on the disk']
      : []),
  ]
}

/** The text of each `run:`, blocks included. */
function runTexts(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line, at) => {
    const start = /^(\s*)(?:- )?run:\s*(.*)$/.exec(line)
    if (start === null) return []
    const depth = start[1]?.length ?? 0
    const rest = lines.slice(at + 1)
    const end = rest.findIndex((next) => next.trim() !== '' && next.search(/\S/) <= depth)
    return [[start[2], ...rest.slice(0, end === -1 ? rest.length : end)].join('\n')]
  })
}

describe('workflows', () => {
  it.each(FILES)('%s: is pinned, has few rights, and runs no words of strangers', (file) => {
    expect(problemsOf(readFileSync(ROOT + file, 'utf8'))).toEqual([])
  })

  it('are found', () => {
    expect(FILES.length).toBeGreaterThan(5)
  })

  it.each<[problem: string, text: string]>([
    ['is not pinned', 'permissions: {}\nsteps:\n  - uses: actions/setup-node@v5\n'],
    ['rights of its token', 'steps: []\n'],
    [
      'with the rights of the house',
      `on: pull_request_target\npermissions: {}\nuses: actions/checkout@${'a'.repeat(40)}\npersist-credentials: false\n`,
    ],
    [
      'what strangers wrote',
      `permissions: {}\nsteps:\n  - run: |\n      echo hi\n      echo "\${{ github.event.issue.title }}"\n`,
    ],
    ['a token on the disk', `permissions: {}\nuses: actions/checkout@${'a'.repeat(40)}\n`],
  ])('one of which it can be said that "%s" is seen', (problem, text) => {
    expect(problemsOf(text).join()).toContain(problem)
  })
})
