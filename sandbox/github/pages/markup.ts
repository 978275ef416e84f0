import type { html } from 'hono/html'

/** HTML with everything that came from people escaped. */
export type Markup = ReturnType<typeof html>
