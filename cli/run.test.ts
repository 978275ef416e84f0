import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { runInProcess } from './__support__/run-in-process.ts'
import { hasColours } from './style.ts'

const run = (...args: string[]) => runInProcess(args, { cwd: tmpdir() })

describe('the command line', () => {
  it('lists every command', async () => {
    const { exitCode, stdout } = await run('--help')
    expect(exitCode).toBe(0)
    for (const name of 'check review infer pods plan report keys init doctor serve demo replay'.split(' '))
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
  })

  it.each([
    [['chekc'], /unknown command 'chekc'[\s\S]*Did you mean check\?/],
    [['check', '--stagd'], /unknown option '--stagd'[\s\S]*Did you mean --staged\?/],
    [['check', '--format', 'xml'], /Allowed choices are text, json, github, sarif/],
    [['pods', 'lst'], /unknown command 'lst'[\s\S]*Did you mean list\?/],
    [['infer'], /missing required argument 'prompt'/],
  ])('refuses %j and says what was meant', async (args, sentence) => {
    const end = await run(...args)
    expect(end).toMatchObject({ exitCode: 2, stdout: '' })
    expect(end.stderr).toMatch(sentence)
  })

  it.each([
    [{}, true, true],
    [{ NO_COLOR: '1' }, true, false],
    [{ TERM: 'dumb' }, true, false],
    [{}, false, false],
  ])('with %j and a terminal %s colours are %s', (env, isTty, wanted) => {
    expect(hasColours({ env, isTty })).toBe(wanted)
  })
})
