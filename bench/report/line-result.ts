import { z } from 'zod'

const cell = z.union([z.string(), z.number(), z.null()])
export type Cell = z.infer<typeof cell>

const table = z.object({
  title: z.string(),
  /** `digits`: decimals of the numbers in this column. */
  columns: z.array(z.object({ name: z.string(), digits: z.number().optional() })),
  rows: z.array(z.array(cell)),
})
export type Table = z.infer<typeof table>

const goal = z.object({
  /** What is measured, as a noun phrase. */
  what: z.string(),
  /** Null: could not be measured here; the line's `skipped` says why. */
  value: z.number().nullable(),
  unit: z.string(),
  sign: z.enum(['>=', '<=']),
  limit: z.number(),
  digits: z.number().optional(),
})
export type Goal = z.infer<typeof goal>

const chart = z.object({
  title: z.string(),
  unit: z.string(),
  isMoreBetter: z.boolean(),
  bars: z.array(z.object({ name: z.string(), value: z.number(), isOurs: z.boolean() })),
})
export type Chart = z.infer<typeof chart>

const figures = z.object({
  tables: z.array(table),
  goals: z.array(goal),
  charts: z.array(chart),
  /** Why something, or everything, could not be measured. */
  skipped: z.array(z.string()),
})
/** What one line of the benchmark found out. */
export type Figures = z.infer<typeof figures>

const machine = z.object({
  cpu: z.string(),
  cores: z.number(),
  memoryGb: z.number(),
  system: z.string(),
  node: z.string(),
})
export type Machine = z.infer<typeof machine>

export const figuresSchema = figures
export const lineResultSchema = figures.extend({
  line: z.string(),
  /** ISO 8601, UTC. */
  takenAt: z.string(),
  seconds: z.number(),
  /** Fewer and shorter rounds. */
  isQuick: z.boolean(),
  /** Load of the machine before the line began, averaged over a minute: beside other work a figure says little. */
  loadBefore: z.number(),
  machine,
})
export type LineResult = z.infer<typeof lineResultSchema>
