import { z } from 'zod'

const MAX_ENTRIES = 500

/** A path pattern or name. Bounded in length and braces, because patterns are compiled to regular expressions. */
export const glob = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => (text.match(/[{(*]/gu)?.length ?? 0) <= 20, 'must hold at most 20 of the signs { ( *')

export function globs(defaults: readonly string[]) {
  return z
    .array(glob)
    .max(MAX_ENTRIES)
    .default([...defaults])
}

export function words(defaults?: readonly string[]) {
  const list = z.array(z.string().min(1).max(200)).max(MAX_ENTRIES)
  return list.default([...(defaults ?? [])])
}
