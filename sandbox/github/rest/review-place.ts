import { z } from 'zod'
import type { WantedPlace } from '../acts/place-comment.ts'

/** How requests say where on the diff a comment belongs. */
export const placeShape = z.object({
  path: z.string(),
  line: z.number().int().nullish(),
  side: z.enum(['LEFT', 'RIGHT']).optional(),
  start_line: z.number().int().nullish(),
  start_side: z.enum(['LEFT', 'RIGHT', 'side']).nullish(),
  position: z.number().int().optional(),
  subject_type: z.enum(['line', 'file']).optional(),
})

export function readPlace(shape: z.infer<typeof placeShape>): WantedPlace {
  const { path, line, side, position } = shape
  const startSide = shape.start_side === 'LEFT' || shape.start_side === 'RIGHT' ? shape.start_side : undefined
  return { path, line, side, position, startLine: shape.start_line, startSide, subjectType: shape.subject_type }
}
