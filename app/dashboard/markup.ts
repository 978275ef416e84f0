import type { html } from 'hono/html'

/** Escaped HTML, as the `html` tag gives it. */
export type Markup = ReturnType<typeof html>
