import { type Command, Option } from 'commander'
import type { CliWorld, CommandResult } from '../world.ts'

type Finish = (result: CommandResult) => void

/** Commands that read a repository and answer without any model. */
export function addCheckCommands(program: Command, world: CliWorld, finish: Finish): void {
  program
    .command('check')
    .description('the governance verdict for a local change (pre-commit, pre-push, CI)')
    .option('--repo <dir>', 'the repository', '.')
    .option('--base <ref>', 'the branch that would be merged into')
    .option('--head <ref>', 'what would be merged (default: HEAD)')
    .option('--staged', 'judge the staged index instead of a commit')
    .option('--branch <name>', 'the name of the head branch')
    .option('--facts <file>', 'evaluate a recorded snapshot (replay)')
    .addOption(
      new Option('--format <format>', 'how to say it').choices(['text', 'json', 'github', 'sarif']).default('text'),
    )
    .option('--json', 'the same as --format json')
    .option('--dry-run', 'say the verdict and exit 0 whatever it is')
    .action(async (options) => finish(await (await import('../commands/check.ts')).check(options, world)))

  const plan = program.command('plan').description('reads and moves plan files by the rules of plans')
  plan
    .command('status')
    .description('phases and tasks of the active plan')
    .option('--repo <dir>', 'the repository', '.')
    .option('--json', 'one JSON object')
    .action(async (options) => finish(await (await import('../commands/plan.ts')).planStatus(options, world)))
  plan
    .command('new')
    .description('the first plan of a repository')
    .argument('[title]', 'its title', 'Plan')
    .option('--repo <dir>', 'the repository', '.')
    .option('--dry-run', 'say what would be written')
    .option('--json', 'one JSON object')
    .action(async (title: string, options) =>
      finish(await (await import('../commands/plan.ts')).planNew(title, options, world)),
    )
  plan
    .command('bump')
    .description('raises the version for a content edit, and renames the file with it')
    .addOption(new Option('--kind <kind>', 'what changed').choices(['edit', 'phase', 'replace']).default('edit'))
    .option('--repo <dir>', 'the repository', '.')
    .option('--dry-run', 'say what would be written')
    .option('--json', 'one JSON object')
    .action(async (options) => finish(await (await import('../commands/plan.ts')).planBump(options, world)))
  plan
    .command('complete')
    .description('moves the finished plan to the archive')
    .option('--repo <dir>', 'the repository', '.')
    .option('--dry-run', 'say what would be moved')
    .option('--json', 'one JSON object')
    .action(async (options) => finish(await (await import('../commands/plan.ts')).planComplete(options, world)))

  program
    .command('init')
    .description('writes devloop.yml, the planning hub, workflow, hook and the agents’ rule files')
    .option('--repo <dir>', 'the repository', '.')
    .option('--dry-run', 'show the difference and write nothing')
    .option('--force', 'overwrite what stands there')
    .option('--json', 'one JSON object')
    .action(async (options) => finish(await (await import('../commands/init.ts')).init(options, world)))
  program
    .command('replay')
    .description('a stored verdict or review, evaluated again on the same inputs')
    .argument('<id>', 'its id')
    .option('--json', 'one JSON object')
    .action(async (id: string, options) =>
      finish(await (await import('../commands/replay.ts')).replay(id, options, world)),
    )
}
