import { z } from 'zod'

/** Where the server commits what each month cost. */
export const reportSection = z.strictObject({
  repository: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+$/u, 'must be owner/name')
    .nullable()
    .default(null)
    .describe(
      "Repository that gets the usage report on the first of a month, owner/name; DevLoop must be installed on it. null: none. Read from the server's own file.",
    ),
  branch: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\s~^:?*[\\]+$/u, 'must be the name of a branch')
    .default('gh-pages')
    .describe('Branch it is committed on, for example the one GitHub Pages shows. It must exist.'),
  path: z
    .string()
    .min(1)
    .max(300)
    .regex(/^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[^\\]*\.md$/u, 'must be a Markdown file inside the repository')
    .default('devloop/{month}.md')
    .describe('Path of the page; {month} stands for a month such as 2026-11. Without it each month replaces the last.'),
})
