import type { Evidence } from './find-hits.ts'
import type { SweepWorld } from './sweep-world.ts'

/** Everything a client of the controller can get to read, whether vendors answer or not. */
export async function askController({ server, apiKey }: SweepWorld): Promise<readonly Evidence[]> {
  const evidence: Evidence[] = []
  const ask = async (path: string, body?: unknown, key = apiKey) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const sent = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
    const answer = await fetch(server.url + path, sent)
    const text = await answer.text()
    evidence.push({ source: `answer to ${path}`, text: `${JSON.stringify([...answer.headers])}\n${text}` })
    return text
  }
  const model = 'mistral:7b-instruct-q5_K_M'
  const messages = [{ role: 'user', content: 'Say hello.' }]
  await ask('/infer', { prompt: 'Say hello.', model })
  await ask('/api/chat', { model, messages, stream: false })
  await ask('/v1/chat/completions', { model, messages })
  await ask('/infer', { prompt: 'x', model }, `${apiKey}x`)
  for (const path of ['/status', '/metrics', '/healthz', '/readyz', '/openapi.json', '/docs', '/nothing', '/api/tags'])
    await ask(path)
  const jobs = await ask('/jobs?limit=50')
  for (const [, id] of jobs.matchAll(/"id":"(\w{26})"/g)) await ask(`/jobs/${id}`)
  return evidence
}

/** Logs in through GitHub as the owner would, and reads every page that pages lead to. */
export async function readDashboard({ server, vendors }: SweepWorld): Promise<readonly Evidence[]> {
  const cookies = new Map<string, string>()
  const evidence: Evidence[] = []
  const visit = async (url: string): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]?.split('=') ?? []
      cookies.set(name, value)
    }
    const text = await answer.clone().text()
    evidence.push({ source: `page ${new URL(url).pathname}`, text: `${answer.headers.get('location')}\n${text}` })
    return answer
  }
  const logIn = async () => {
    const asked = new URL((await visit(`${server.url}/login/github?next=/dashboard`)).headers.get('location') ?? '')
    const form = new URLSearchParams(asked.searchParams)
    const granted = await fetch(`${vendors.githubWeb.url}/login/oauth/authorize`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
    })
    await visit(granted.headers.get('location') ?? '')
  }
  vendors.githubWeb.echo(/access_token/, 400, 1)
  await logIn()
  await logIn()
  const seen = new Set<string>()
  const waiting = ['/dashboard']
  for (let path = waiting.pop(); path !== undefined && seen.size < 60; path = waiting.pop()) {
    if (seen.has(path) || path.includes('/events')) continue
    seen.add(path)
    const page = await (await visit(server.url + path)).text()
    for (const [, link = ''] of page.matchAll(/(?:href|src)="(\/[^"#]*)"/g)) waiting.push(link.replaceAll('&amp;', '&'))
  }
  return evidence
}
