import { type Command, Option } from 'commander'
import type { CliWorld, CommandResult } from '../world.ts'

type Finish = (result: CommandResult) => void

/** Commands around the server. */
export function addServerCommands(program: Command, world: CliWorld, finish: Finish): void {
  program
    .command('serve')
    .description('the server: App, controller, dashboard, workers')
    .option('--controller-only', 'without a GitHub App')
    .option('--smee <url>', 'brings webhooks from this smee.io channel, for development')
    .option('--setup', 'the page that creates the GitHub App and writes .env')
    .option('--json', 'log lines as JSON')
    .action(async (options) => finish(await (await import('../commands/serve.ts')).serve(options, world)))
  program
    .command('demo')
    .description('the whole product against a sandbox on this machine')
    .option('--once', 'one review, then stop')
    .option('--repo <dir>', 'review a change of your own repository')
    .option('--base <ref>', 'with --repo: what the change would be merged into')
    .option('--head <ref>', 'with --repo: the change')
    .option('--json', 'one JSON object')
    .action(async (options) => finish(await (await import('../commands/demo.ts')).demo(options, world)))

  program
    .command('doctor')
    .description('checks credentials, permissions, reachability, money and models; one line each')
    .option('--json', 'one JSON object')
    .action(async (options) => finish(await (await import('../commands/doctor.ts')).doctor(options, world)))
  program
    .command('report')
    .description('the usage report of a month in Markdown')
    .option('--month <month>', 'e.g. 2026-11 (default: this month)')
    .option('--out <file>', 'write it there instead of stdout')
    .option('--json', 'one JSON object')
    .action(async (options) => finish(await (await import('../commands/report.ts')).report(options, world)))

  const keys = program.command('keys').description('keys of the controller')
  keys
    .command('create')
    .description('makes a key; it is shown this once')
    .argument('<name>', 'whose key it is')
    .addOption(new Option('--scope <scopes>', 'infer, control, read; separated by commas').default('infer'))
    .option('--model <tags>', 'the only models it may use; separated by commas')
    .option('--monthly-budget <usd>', 'the most it may spend in a month', Number)
    .option('--json', 'one JSON object')
    .action(async (name: string, options) =>
      finish(await (await import('../commands/keys.ts')).keysCreate(name, options, world)),
    )
  keys
    .command('list')
    .description('keys, without their secret')
    .option('--json', 'a JSON array')
    .action(async (options) => finish(await (await import('../commands/keys.ts')).keysList(options, world)))
  keys
    .command('revoke')
    .description('a key that shall no longer work')
    .argument('<id>', 'id of the key')
    .option('--json', 'one JSON object')
    .action(async (id: string, options) =>
      finish(await (await import('../commands/keys.ts')).keysRevoke(id, options, world)),
    )
}
