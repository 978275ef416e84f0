import { type Command, Option } from 'commander'
import type { CliWorld, CommandResult } from '../world.ts'

type Finish = (result: CommandResult) => void

/** Commands that may rent a pod. */
export function addModelCommands(program: Command, world: CliWorld, finish: Finish): void {
  program
    .command('review')
    .description('findings for a local change')
    .option('--repo <dir>', 'the repository', '.')
    .option('--base <ref>', 'what the change would be merged into')
    .option('--head <ref>', 'the change (default: HEAD)')
    .option('--diff <file>', 'a unified diff instead of a repository; - reads it from stdin')
    .option('--model <tag>', 'any Ollama tag')
    .option('--engine <engine>', 'URL of an Ollama, runpod, or sandbox')
    .option('--estimate', 'passes, minutes, dollars and coverage, and nothing else')
    .option('--max-cost <usd>', 'the most it may cost', Number)
    .addOption(
      new Option('--format <format>', 'how to say it').choices(['text', 'json', 'markdown', 'sarif']).default('text'),
    )
    .option('--json', 'the same as --format json')
    .action(async (options) => finish(await (await import('../commands/review.ts')).review(options, world)))
  program
    .command('infer')
    .description('the model’s answer to a prompt, and what it cost')
    .argument('<prompt>', 'the prompt')
    .option('--model <tag>', 'any Ollama tag')
    .option('--engine <engine>', 'URL of an Ollama, runpod, or sandbox')
    .option('--max-cost <usd>', 'the most it may cost', Number)
    .option('--json', 'one JSON object')
    .action(async (prompt: string, options) =>
      finish(await (await import('../commands/infer.ts')).infer(prompt, options, world)),
    )

  const pods = program.command('pods').description('what is rented')
  pods
    .command('list')
    .description('pods of this installation')
    .option('--all', 'pods of others in the account too')
    .option('--json', 'a JSON array')
    .action(async (options) => finish(await (await import('../commands/pods.ts')).podsList(options, world)))
  pods
    .command('start')
    .description('asks the running server for a warm pod')
    .option('--model <tag>', 'any Ollama tag')
    .option('--json', 'one JSON object')
    .action(async (options) => finish(await (await import('../commands/pods.ts')).podsStart(options, world)))
  pods
    .command('stop')
    .description('asks the running server to drain its pods')
    .option('--all', 'end them now, running calls too')
    .option('--json', 'one JSON object')
    .action(async (options) => finish(await (await import('../commands/pods.ts')).podsStop(options, world)))
  pods
    .command('reap')
    .description('ends what is ours and nobody holds; needs no server and no database')
    .option('--older-than <age>', 'only pods older than this, e.g. 1h or 30m')
    .option('--all', 'everything of this installation, held or not')
    .option('--max-reap <n>', 'refuse to end more than this at once', Number, 20)
    .option('--json', 'one JSON object')
    .action(async (options) => finish(await (await import('../commands/pods-reap.ts')).podsReap(options, world)))
}
