import { formatUsd, type MicroUsd, usdFromMicroUsd } from '../ports/money.ts'
import type { Inputs } from './inputs.ts'
import type { RunnerCommands } from './runner-commands.ts'

/** What a step cost, in words, and as an output. Behind the gateway of a controller only the controller knows it. */
export function sayCost({ controller }: Pick<Inputs, 'controller'>, cost: MicroUsd, runner: RunnerCommands): string {
  if (controller !== null) return 'billed by the controller'
  runner.setOutput('cost-usd', String(usdFromMicroUsd(cost)))
  return formatUsd(cost)
}

/** A limit that cannot be kept is not passed over in silence. */
export function warnOfUnkeptLimit({ controller, maxCostMicroUsd, command }: Inputs, runner: RunnerCommands): void {
  if (controller === null || maxCostMicroUsd === null) return
  runner.annotate(
    'warning',
    `max-cost-usd does not bind \`command: ${command}\` behind a controller: the monthly budget of its key does (\`devloop keys create --monthly-budget\`).`,
    { title: 'DevLoop' },
  )
}
