import { z } from 'zod'

const usd = z.number().min(0).max(1_000_000)

/** Which GPUs may be rented, how many, and how long they may stay idle. */
export const fleetSection = z.strictObject({
  gpus: z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(20)
    .default(['NVIDIA GeForce RTX 4090'])
    .describe("RunPod's GPU type ids, tried in this order."),
  cloud: z
    .array(z.enum(['SECURE', 'COMMUNITY']))
    .min(1)
    .max(2)
    .default(['SECURE', 'COMMUNITY'])
    .describe('Kinds of RunPod cloud, tried in this order.'),
  maxUsdPerHour: usd.default(0.8).describe('A GPU that costs more per hour is not rented.'),
  unguarded: z
    .boolean()
    .default(false)
    .describe(
      'Rents the stock Ollama image, which answers everybody who finds its address and which nothing inside ends. Only for trials.',
    ),
  maxPods: z.int().min(0).max(100).default(1).describe('How many pods may run at once; 0 rents none.'),
  idle: z
    .strictObject({
      policy: z
        .enum(['immediate', 'fixed', 'adaptive'])
        .default('adaptive')
        .describe(
          'When a pod without work is given back: at once, after maxMinutes, or when the next job is unlikely.',
        ),
      maxMinutes: z.number().min(0).max(1440).default(10).describe('No pod stays idle longer.'),
      spendTarget: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe('The part of all spend that may go to idle minutes (0.10 is 10 %).'),
    })
    .prefault({})
    .describe('What happens to a pod that has no work.'),
})

/** What may be spent; a cap that is reached stops the job. */
export const budgetSection = z.strictObject({
  perJobUsd: usd.default(1).describe('Most that one job may cost.'),
  perDayUsd: usd.default(10).describe('Most that may be spent in one day (UTC).'),
  perMonthUsd: usd.default(100).describe('Most that may be spent in one month (UTC).'),
  perUserJobsPerDay: z.int().min(0).max(100_000).default(20).describe('How many jobs one person may start in a day.'),
  perUserConcurrent: z.int().min(0).max(1000).default(2).describe('How many jobs of one person may run at once.'),
})

const permission = z.enum(['read', 'triage', 'write', 'maintain', 'admin'])

const onlooker = z
  .string()
  .max(200)
  .regex(
    /^(?:members|@[A-Za-z0-9][A-Za-z0-9-]*(?:\/[A-Za-z0-9._-]+)?)$/u,
    'must be "members", "@login" or "@org/team" (in quotes: YAML keeps a plain @ for itself)',
  )

/** Who may spend and who may override, as the collaborator permission GitHub reports; and who may look on. */
export const accessSection = z.strictObject({
  trigger: permission.default('write').describe('Permission needed to start what costs money.'),
  overrides: permission.default('admin').describe('Permission needed to waive a rule.'),
  dashboard: z
    .array(onlooker)
    .max(500)
    .default(['members'])
    .describe(
      "Who may look at the dashboard, besides those who have `access.trigger` (at least triage) on a repository and may also press its buttons: `members` (of an organization that DevLoop is installed in), `'@org/team'`, `'@login'`. Read from the server's own file.",
    ),
})
