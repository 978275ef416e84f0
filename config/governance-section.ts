import { z } from 'zod'
import { RULE_DEFAULTS, RULE_IDS, RULE_LEVELS, type RuleId, type RuleLevel } from './rule-ids.ts'
import { glob, globs, words } from './text-fields.ts'

const ruleFields = Object.fromEntries(
  RULE_IDS.map((id) => [id, z.enum(RULE_LEVELS).default(RULE_DEFAULTS[id].level).describe(RULE_DEFAULTS[id].says)]),
) as Record<RuleId, z.ZodDefault<z.ZodEnum<{ [level in RuleLevel]: level }>>>

const branches = z.strictObject({
  main: glob.default('main').describe('The protected branch that is always green.'),
  staging: glob
    .nullable()
    .default('dev')
    .describe('The branch feature branches aim at; null (or a branch that does not exist) sends them to main.'),
  feature: glob
    .default('phase-{phase}/{slug}')
    .describe('How feature branches are named. {phase} stands for a phase number, {slug} for the rest of the name.'),
  exempt: globs(['dependabot/**', 'release/**', 'hotfix/**']).describe(
    'Branches that need not be named as feature branches.',
  ),
})

const reviews = z.strictObject({
  approvals: z.int().min(0).max(20).default(1).describe('How many counted approvals the current head SHA needs.'),
  count: z
    .array(z.enum(['human', 'senior-agent']))
    .default(['human', 'senior-agent'])
    .describe('Whose approvals count. An ordinary agent never counts.'),
  seniorAgents: words(['devloop[bot]']).describe(
    "Agents whose judgement counts. DevLoop's own is a review of the head SHA with full coverage and no open finding of high severity or above.",
  ),
  agents: words(['*[bot]']).describe('Login patterns of agents; an actor of type Bot is one in any case.'),
  independent: z
    .boolean()
    .default(true)
    .describe('Whether approvals of those who made the change are left out of the count.'),
})

const checks = z.strictObject({
  require: z
    .union([z.literal('all'), words()])
    .default('all')
    .describe('`all`: each other check and status that reports; a list: these names must report and succeed.'),
  ignore: globs([]).describe('Names of checks that are not looked at.'),
})

const plan = z.strictObject({
  dir: z
    .string()
    .min(1)
    .max(200)
    .regex(
      /^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[^\\]*[^/\\]$/u,
      'must be a folder inside the repository, written with "/" and without ".."',
    )
    .default('DEV_MAN')
    .describe('The planning folder: active/ holds exactly one plan, completed/ the archive.'),
  owners: words([]).describe(
    "Who approves content edits: @user or @org/team. Empty: the owners in the plan's front matter, else whoever has `access.overrides`.",
  ),
  allow: globs(['**/*.lock', 'package-lock.json']).describe('Files any change may touch, whatever tasks it cites.'),
  staleDays: z
    .int()
    .min(1)
    .max(3650)
    .default(21)
    .describe('Days without a tick or edit, while work is merged, after which the plan is stale.'),
})

/** What must hold before a change may move on. */
export const governanceSection = z.strictObject({
  rules: z.strictObject(ruleFields).prefault({}).describe('The level of each rule: off, log, warn or block.'),
  branches: branches.prefault({}).describe('Branch names and where they lead.'),
  reviews: reviews.prefault({}).describe('What counts as approval.'),
  checks: checks.prefault({}).describe('Which other checks must be green.'),
  plan: plan.prefault({}).describe('The planning folder and who owns it.'),
})
