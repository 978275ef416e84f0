import { describe, expect, it } from 'vitest'
import {
  findFileVersion,
  findTitleVersion,
  findVersion,
  formatVersion,
  nextVersion,
  planFileName,
  versionStep,
} from './version.ts'

function version(text: string) {
  const found = findVersion(text)
  if (found === undefined) throw new Error(`no version: ${text}`)
  return found
}

describe('versions', () => {
  it.each([
    ['0.1', '0.1.1', 'edit'],
    ['0.1.1', '0.1.2', 'edit'],
    ['0.1.2', '0.2', 'phase'],
    ['0.9', '0.10', 'phase'],
    ['0.9.3', '1.0', 'replace'],
    ['0.1', '0.1', 'same'],
    ['0.1', '0.1.0', 'same'],
    ['0.2', '0.1.9', 'down'],
    ['0.1', '0.1.2', 'skip'],
    ['0.1', '0.3', 'skip'],
    ['0.1', '0.2.1', 'skip'],
    ['0.1', '1.1', 'skip'],
    ['0.1', '2.0', 'skip'],
  ])('takes %s → %s for the step "%s"', (from, to, step) => {
    expect(versionStep(version(from), version(to))).toBe(step)
  })

  it('takes one step at a time', () => {
    const from = version('1.2.3')
    expect(
      [nextVersion(from, 'edit'), nextVersion(from, 'phase'), nextVersion(from, 'replace')].map(formatVersion),
    ).toEqual(['1.2.4', '1.3', '2.0'])
    expect(planFileName(from)).toBe('plan_v1.2.3.md')
  })

  it.each([
    ['DEV_MAN/active/plan_v0.1.md', '0.1'],
    ['plan_v0.1.2.md', '0.1.2'],
    ['plan_v1.md', null],
    ['Plan_v0.1.md', null],
    ['plan_v0.1.md.bak', null],
    ['plan_v0.1.2.3.md', null],
    ['plan_runpod_endpoint_v0.1.md', null],
  ])('reads the file name %s', (path, expected) => {
    const found = findFileVersion(path)
    expect(found ? formatVersion(found) : null).toBe(expected)
  })

  it.each([
    ['DevLoop Meta-Project — Plan v0.1 (2025-08-02)', '0.1'],
    ['Master Plan — DevLoop Automation Core (v1)', '1.0'],
    ['Move to the v2 API: Plan v0.3', '0.3'],
    ['Plan V1.2.3', '1.2.3'],
    ['A plan for vNext', null],
    ['plan_v0.1.md', null],
  ])('reads the title "%s"', (title, expected) => {
    const found = findTitleVersion(title)
    expect(found ? formatVersion(found.version) : null).toBe(expected)
  })
})
