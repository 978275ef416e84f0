import { beforeAll, describe, expect, it } from 'vitest'
import { type BenchCase, loadCases } from './bench-case.ts'
import { runsOf } from './findings-file.ts'
import { renderScore, scoreOf } from './score.ts'

let cases: readonly BenchCase[] = []
beforeAll(async () => {
  cases = (await loadCases()).filter(({ kind }) => kind !== 'anchor')
})

describe('a score', () => {
  it('is perfect when every bug is hit on its line and nothing else is said', () => {
    const findings = cases.flatMap(({ id, path, rightLines }) =>
      rightLines.length === 0 ? [] : [{ case: id, path, line: rightLines[0] }],
    )
    expect(scoreOf(runsOf(findings, cases))).toMatchObject({
      precision: 1,
      recall: 1,
      rightLineRate: 1,
      quietOnClean: 1,
      missed: [],
    })
  })

  it('falls with noise, with misses and with lines that are only near', () => {
    const [first, second] = cases.filter(({ kind }) => kind === 'bug')
    const clean = cases.find(({ kind }) => kind === 'clean')
    if (first === undefined || second === undefined || clean === undefined) throw new Error('cases are missing')
    const [line = 0] = first.rightLines
    const findings = [
      { case: first.id, path: first.path, line: line + 1 },
      { case: clean.id, path: clean.path, line: 1 },
    ]
    const score = scoreOf(runsOf(findings, [first, second, clean]))
    expect(score).toMatchObject({ precision: 0.5, recall: 0.5, rightLineRate: 0, quietOnClean: 0, missed: [second.id] })
    expect(renderScore(score)).toContain('precision                  50.0 %')
  })

  it('reads SARIF whose paths begin with the case', () => {
    const [first] = cases.filter(({ kind }) => kind === 'bug')
    if (first === undefined) throw new Error('cases are missing')
    const location = {
      physicalLocation: {
        artifactLocation: { uri: `${first.id}/${first.path}` },
        region: { startLine: first.rightLines[0] },
      },
    }
    const sarif = { version: '2.1.0', runs: [{ results: [{ message: { text: 'x' }, locations: [location] }] }] }
    expect(scoreOf(runsOf(sarif, [first]))).toMatchObject({ precision: 1, recall: 1 })
  })

  it('refuses findings about a case that is not in the set', () => {
    expect(() => runsOf([{ case: 'nope', path: 'a', line: 1 }], cases)).toThrow('"nope"')
  })
})
