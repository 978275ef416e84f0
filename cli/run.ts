import { Command, CommanderError } from 'commander'
import { addCheckCommands } from './register/check.ts'
import { addModelCommands } from './register/model.ts'
import { addServerCommands } from './register/server.ts'
import { printable } from '../ports/printable.ts'
import { reportError, usageError } from './error.ts'
import { CLEAR_LINE } from './progress.ts'
import { hasColours } from './style.ts'
import type { CliWorld, CommandResult, ExitCode } from './world.ts'
import { VERSION } from './version.ts'

/** Much of what is printed was written by others, and a terminal obeys what it is shown. */
function printing(world: CliWorld): CliWorld {
  const withColours = hasColours(world)
  return {
    ...world,
    stdout: (text) => world.stdout(printable(text, withColours)),
    stderr: (text) => {
      const start = world.isTty && text.startsWith(CLEAR_LINE) ? CLEAR_LINE : ''
      world.stderr(start + printable(text.slice(start.length), withColours))
    },
  }
}

/** Runs one command line; the exit code is the answer. Commands are loaded when they are called, so that `--version` stays quick. */
export async function runCli(args: readonly string[], given: CliWorld): Promise<ExitCode> {
  const world = printing(given)
  let exitCode: ExitCode = 0
  const json = args.includes('--json')
  const said: string[] = []
  const program = new Command('devloop')
    .description('Rents a GPU for the minutes a review takes, and holds people and agents to one plan.')
    .version(VERSION, '-V, --version')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: world.stdout, writeErr: (text) => said.push(text) })
  const finish = (result: CommandResult) => {
    exitCode = result.exitCode
  }
  addCheckCommands(program, world, finish)
  addModelCommands(program, world, finish)
  addServerCommands(program, world, finish)
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, json, world)
    if (error.exitCode === 0) return 0
    if (error.code !== 'commander.help') return reportError(misread(error), json, world)
    // A group of commands without one: its help is the answer.
    world.stderr(said.join(''))
    return 2
  }
}

/** `error: unknown command 'chekc'\n(Did you mean check?)`, as one sentence. */
function misread({ message }: CommanderError) {
  const [what = '', hint] = message.replace(/^error: /u, '').split('\n(')
  const near = hint === undefined ? '' : `; ${hint.charAt(0).toLowerCase()}${hint.slice(1).replace(/\)$/u, '')}`
  const sentence = `${what.charAt(0).toUpperCase()}${what.slice(1).replace(/\.$/u, '')}${near}`
  return usageError(sentence.endsWith('?') ? sentence : `${sentence}.`, '`devloop --help` lists the commands.')
}
