import { z } from 'zod'
import { governanceSection } from './governance-section.ts'
import { reportSection } from './report-section.ts'
import { reviewSection } from './review-section.ts'
import { accessSection, budgetSection, fleetSection } from './spending-sections.ts'

/** Where the policy lies in a repository. It is read from the base branch, never from the head of a pull request. */
export const POLICY_PATH = '.github/devloop.yml'

/** The whole of `.github/devloop.yml`. Everything has a default; an unknown key is an error. */
export const policySchema = z
  .strictObject({
    version: z.literal(1).default(1).describe('The version of this format.'),
    governance: governanceSection.prefault({}).describe('What must hold before a change may move on.'),
    review: reviewSection.prefault({}).describe('How a change is reviewed by the model.'),
    fleet: fleetSection.prefault({}).describe('Which GPUs are rented, and when they are given back.'),
    budget: budgetSection.prefault({}).describe('What may be spent; a hard stop, not an alert.'),
    access: accessSection.prefault({}).describe('Who may spend, who may override, and who may look at the dashboard.'),
    report: reportSection.prefault({}).describe('Where the usage report of each month is committed.'),
  })
  .describe('DevLoop: rules for changes, reviews, GPUs and money.')

export type Policy = z.output<typeof policySchema>
