import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createRunnerCommands } from './runner-commands.ts'

const folder = mkdtempSync(join(tmpdir(), 'runner-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'output')
function commands() {
  const said: string[] = []
  writeFileSync(path, '')
  const runner = createRunnerCommands({ env: { GITHUB_OUTPUT: path }, stdout: (text) => said.push(text) })
  return { runner, said }
}

it('keeps a message on its line, so that nothing in it becomes a command', () => {
  const { runner, said } = commands()
  runner.annotate('error', 'a\n::set-env name=X::y 100%', { path: 'a,b:c.ts', line: 3, title: 'T' })
  expect(said).toEqual(['::error file=a%2Cb%3Ac.ts,line=3,title=T::a%0A::set-env name=X::y 100%25\n'])
})

it('masks a secret of several lines line by line', () => {
  const { runner, said } = commands()
  runner.mask('one\n\ntwo')
  expect(said).toEqual(['::add-mask::one\n', '::add-mask::two\n'])
})

it('writes outputs behind a delimiter that a value cannot guess', () => {
  const { runner } = commands()
  runner.setOutput('response', 'x\ndevloop_0\nconclusion=success')
  runner.setOutput('response', 'y')
  const delimiters = [...readFileSync(path, 'utf8').matchAll(/<<(devloop_[0-9a-f]{32})$/gm)].map(([, found]) => found)
  expect(new Set(delimiters).size).toBe(2)
})
