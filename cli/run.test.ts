import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
    [['chekc'], "Unknown command 'chekc'; did you mean check?"],
    [['check', '--stagd'], "Unknown option '--stagd'; did you mean --staged?"],
    [
      ['check', '--format', 'xml'],
      "Option '--format <format>' argument 'xml' is invalid. Allowed choices are text, json, github, sarif.",
    ],
    [['pods', 'lst'], "Unknown command 'lst'; did you mean list?"],
    [['infer'], "Missing required argument 'prompt'."],
  ])('refuses %j and says what was meant, in one line or one object', async (args, message) => {
    const remedy = '`devloop --help` lists the commands.'
    expect(await run(...args)).toEqual({ exitCode: 2, stdout: '', stderr: `devloop: ${message} ${remedy}\n` })
    const end = await run(...args, '--json')
    expect(end).toMatchObject({ exitCode: 2, stderr: '' })
    const { error } = JSON.parse(end.stdout)
    expect(error).toMatchObject({ code: 'usage', remedy })
  })

  it('answers a group of commands with its help', async () => {
    const end = await run('pods')
    expect(end).toMatchObject({ exitCode: 2, stdout: '' })
    expect(end.stderr).toContain('Usage: devloop pods')
  })

  it('goes on in silence when nobody reads its output any more', () => {
    const script = '"$0" "$1" --help | true; exit $PIPESTATUS'
    const main = join(import.meta.dirname, 'main.ts')
    const end = spawnSync('bash', ['--norc', '-c', script, process.execPath, main], { encoding: 'utf8' })
    expect(end).toMatchObject({ status: 0, stderr: '' })
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
