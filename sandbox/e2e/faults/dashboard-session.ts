import type { RunningServer } from '../../../app/main.ts'

/** The cookie of whoever started the server, by the link that logs in once. */
export async function sessionOf(server: Pick<RunningServer, 'dashboardLink'>): Promise<string> {
  const reply = await fetch(server.dashboardLink(60_000), { redirect: 'manual' })
  const cookie = reply.headers.get('set-cookie')?.split(';')[0]
  if (cookie === undefined) throw new Error(`the dashboard let nobody in: ${reply.status}`)
  return cookie
}
