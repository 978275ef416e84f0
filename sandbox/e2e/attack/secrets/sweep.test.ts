import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkOn } from '../../__support__/start-product.ts'
import type { Canary } from './canary.ts'
import { askController, readDashboard } from './clients.ts'
import { alert, giveBack, talkAbout, talkToEchoes } from './conversation.ts'
import { type Evidence, findHits } from './find-hits.ts'
import { type LeakyChange, openLeakyChange } from './leaky-change.ts'
import { readDatabase, readFiles } from './read-database.ts'
import { type SweepWorld, startSweepWorld } from './sweep-world.ts'
import { runCommands } from './terminal.ts'
import { runSteps, type WorkflowSeen } from './workflow.ts'

let world: SweepWorld
let change: LeakyChange
let evidence: readonly Evidence[]
let canaries: readonly Canary[]
let workflow: WorkflowSeen

beforeAll(async () => {
  world = await startSweepWorld()
  const { vendors, github, folder } = world
  change = await openLeakyChange(world, 'acme/leaky')
  await talkToEchoes(world)
  await talkAbout(world, change)
  const answers = await askController(world)
  vendors.runpod.echo(/api\/chat/, 401)
  const refusals = await askController(world)
  vendors.runpod.stopEchoing()
  await alert(world)
  const dashboard = await readDashboard(world)
  await giveBack(world)
  vendors.collector.echo(/./, 401)
  await world.stopServer()
  const diff = await (await fetch(`${github.webUrl}/${change.name}/pull/${change.number}.diff`)).text()
  const terminal = await runCommands(world, diff)
  workflow = await runSteps(world, change)
  canaries = [...world.canaries(), ...change.canaries, ...terminal.canaries, ...workflow.canaries]
  evidence = [
    { source: 'log', text: world.logs.join('') },
    ...world.told(),
    ...answers,
    ...refusals,
    ...dashboard,
    ...terminal.evidence,
    ...workflow.evidence,
    ...(await readDatabase(join(folder, 'data'))),
    ...(await readFiles(join(folder, 'data'))),
  ]
}, 300_000)
afterAll(() => world.stop())

describe('a whole run, in which every secret exists once', () => {
  it('leaves none of them in any place', () => {
    expect(findHits(evidence, canaries)).toEqual([])
  }, 60_000)

  it.each<[kind: string, least: number]>([
    ['log', 1],
    ['github', 100],
    ['githubWeb', 3],
    ['runpod', 20],
    ['collector', 2],
    ['chat', 2],
    ['answer', 20],
    ['page', 20],
    ['devloop', 20],
    ['step', 40],
    ['table', 15],
    ['file', 20],
  ])('was looked at: %s', (kind, least) => {
    const seen = evidence.filter(({ source, text }) => source.split(' ')[0] === kind && text.length > 0)
    expect(seen.length).toBeGreaterThanOrEqual(least)
  })

  it('used every secret that it was given', () => {
    const { github, githubWeb, runpod, collector, chat } = world.vendors
    const sent = [github, githubWeb, runpod, collector, chat].flatMap(({ requests }) =>
      requests.map(({ path, headers, body }) => `${path} ${JSON.stringify(headers)} ${body}`),
    )
    const unused = world
      .canaries()
      .filter(({ name, value }) => !sent.some((text) => text.includes(value)) && !/^PRIVATE_KEY|access/.test(name))
    // The webhook secret signs and is never sent; deliveries would not have been taken without it.
    expect(unused.map(({ name }) => name)).toEqual(['WEBHOOK_SECRET', 'API key'])
  })

  it('told the runner to hide what a workflow was given', () => {
    const hidden = findHits(workflow.hidden, [...world.canaries(), ...workflow.canaries]).join('\n')
    for (const name of ['RUNPOD_API_KEY', 'github-token', 'controller-key', 'key of a gateway'])
      expect(hidden).toContain(`${name} in hidden`)
  })

  it('still reports every secret that the change commits', () => {
    const check = checkOn(change.repository, change.headSha, 'devloop/review')
    const places = check?.annotations.map(({ path, start_line: line }) => [path, line])
    for (const place of change.places) expect(places).toContainEqual(place)
  })
})
