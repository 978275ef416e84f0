import { afterAll, beforeAll, describe } from 'vitest'
import { type GithubContractWorld, githubContract } from '../../ports/contracts/github.contract.ts'
import { commitSha, installationId, repositoryName } from '../../ports/ids.ts'
import { openTopic, type Shop, startShop } from '../../sandbox/github/__support__/start-shop.ts'
import { systemClock } from '../system/system-clock.ts'
import { createGithubApp } from './github-app.ts'

describe('the GitHub adapter over the emulated GitHub', () => {
  let shop: Shop
  let world: GithubContractWorld
  beforeAll(async () => {
    shop = await startShop({ isPrivate: true })
    const { headSha } = await openTopic(shop)
    const { registration, installation } = shop
    const app = createGithubApp({
      fetch,
      baseUrl: shop.github.url,
      clock: systemClock,
      appId: registration.id,
      privateKey: registration.privateKeyPem,
    })
    const ref = { installationId: installationId.parse(installation.id), name: repositoryName.parse('acme/shop') }
    world = {
      app,
      repository: app.repository(ref),
      number: 1,
      headSha: commitSha.parse(headSha),
      path: 'src/a.ts',
      line: 2,
      writer: 'bob',
      stranger: 'mallory',
    }
    shop.github.createUser('mallory')
  })
  afterAll(async () => {
    await shop.stop()
    shop.github.assertClean()
  })
  githubContract(() => world)
})
