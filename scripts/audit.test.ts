import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { advisoriesOf } from './advisories.ts'
import { lockfile, lockfileProblems, uncheckedBinaries } from './lockfile-rules.ts'

const lock = lockfile.parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')))
const good = { version: '1.0.0', license: 'MIT', integrity: `sha512-${'A'.repeat(86)}==` }
const problemsOf = (entry: object) =>
  lockfileProblems(
    lockfile.parse({ lockfileVersion: 3, packages: { '': {}, 'node_modules/x': { ...good, ...entry } } }),
  )

describe('the lock file', () => {
  it('names only what may be used, from the registry, with a checksum', () => {
    expect(Object.keys(lock.packages).length).toBeGreaterThan(100)
    expect(lockfileProblems(lock)).toEqual([])
  })

  it.each<[what: string, entry: object, problem: string]>([
    ['another licence', { license: 'GPL-3.0' }, 'x stands under GPL-3.0'],
    ['a licence with another', { license: 'MIT AND GPL-3.0' }, 'x stands under MIT AND GPL-3.0'],
    ['no licence', { license: undefined }, 'x stands under none named'],
    ['another host', { resolved: 'https://evil.test/x.tgz' }, 'x comes from https://evil.test/x.tgz'],
    [
      'a git address',
      { resolved: 'git+ssh://git@github.com/a/x.git#1' },
      'x comes from git+ssh://git@github.com/a/x.git#1',
    ],
    [
      'a host that begins alike',
      { resolved: 'https://registry.npmjs.org.evil.test/x' },
      'x comes from https://registry.npmjs.org.evil.test/x',
    ],
    ['a weak checksum', { integrity: 'sha1-abc' }, 'x has no SHA-512'],
    ['a link', { link: true }, 'x is a link to another place'],
    ['a program', { hasInstallScript: true }, 'x runs a program when it is installed'],
  ])('%s is seen', (_, entry, problem) => {
    expect(problemsOf(entry)).toContain(problem)
  })

  it('a binary of another system may lack its checksum, and is counted', () => {
    const binary = { ...good, integrity: undefined, optional: true, os: ['darwin'] }
    expect(problemsOf(binary)).toEqual([])
    const one = lockfile.parse({ lockfileVersion: 3, packages: { 'node_modules/x': binary } })
    expect(uncheckedBinaries(one)).toEqual(['x'])
  })

  it('a choice of licences is enough with one', () => {
    expect(problemsOf({ license: '(GPL-3.0 OR MIT)' })).toEqual([])
  })
})

describe('known holes', () => {
  const hole = { url: 'https://github.com/advisories/GHSA-1', title: 'Bad', severity: 'high' }
  it('are named', () => {
    const text = JSON.stringify({ vulnerabilities: { x: { via: [hole, 'y'] } } })
    expect(advisoriesOf(text, '2026-11-21')).toEqual({ kind: 'read', problems: ['x: high, Bad (GHSA-1)'] })
    expect(advisoriesOf('{"vulnerabilities":{}}', '2026-11-21')).toEqual({ kind: 'read', problems: [] })
  })

  it.each([
    ['{"message":"405 Method Not Allowed"}', '405 Method Not Allowed'],
    ['<html>', '<html>'],
    ['', 'npm said nothing'],
  ])('are unknown, and said to be, after %j', (text, why) => {
    expect(advisoriesOf(text, '2026-11-21')).toEqual({ kind: 'skipped', why })
  })
})
