import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import * as pulumi from '@pulumi/pulumi'
import type { Wish } from './program'

interface Made {
  readonly type: string
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: Pulumi hands mocks their inputs untyped.
  readonly inputs: Record<string, any>
}

const made: Made[] = []
pulumi.runtime.setMocks(
  {
    newResource: ({ type, name, inputs }) => {
      made.push({ type, name, inputs })
      return {
        id: `${name}-id`,
        state: {
          ...inputs,
          email: `${name}@example.iam.gserviceaccount.com`,
          result: 'not-a-password',
          connectionName: 'p:r:i',
        },
      }
    },
    call: ({ inputs }) => inputs,
  },
  'devloop',
  'test',
  false,
)

const WISH: Omit<Wish, 'stack' | 'maxInstances'> = {
  project: 'shop',
  region: 'europe-west1',
  image: 'registry.example/devloop:0.1.0',
  repository: 'shop/web',
  databaseTier: 'db-f1-micro',
}

for (const { stack, maxInstances } of [
  { stack: 'dev', maxInstances: 1 },
  { stack: 'prod', maxInstances: 3 },
]) {
  describe(`the ${stack} stack`, () => {
    let own: Made[]
    before(async () => {
      const { deploy } = await import('./program')
      const from = made.length
      deploy({ ...WISH, stack, maxInstances })
      // Resources are made one after the other's outputs; the last ones wait for the service and for the deployer.
      const last = ['public', 'deployer-starts-as-runner', 'deployer-deploys', 'runner-reads-DATABASE_URL']
      for (let turn = 0; turn < 10_000; turn++) {
        own = made.slice(from)
        if (last.every((name) => own.some((resource) => resource.name === name))) return
        await new Promise((resolve) => setImmediate(resolve))
      }
      assert.fail(`not every resource was made: ${own.map(({ name }) => name).join(', ')}`)
    })
    const find = (type: string) => own.filter((resource) => resource.type === type)
    const template = () => find('gcp:cloudrunv2/service:Service')[0]?.inputs.template

    it('keeps one instance with its CPU on, so that pods are given back between requests', () => {
      assert.equal(template().scaling.minInstanceCount, 1)
      assert.equal(template().scaling.maxInstanceCount, maxInstances)
      assert.equal(template().containers[0].resources.cpuIdle, false)
    })

    it('takes every secret from Secret Manager and writes none down', () => {
      const envs: { name: string; value?: string; valueSource?: unknown }[] = template().containers[0].envs
      const fromSecrets = envs
        .filter((env) => env.valueSource)
        .map((env) => env.name)
        .sort()
      assert.deepEqual(fromSecrets, ['APP_ID', 'DATABASE_URL', 'PRIVATE_KEY', 'RUNPOD_API_KEY', 'WEBHOOK_SECRET'])
      const plain = envs
        .filter((env) => !env.valueSource)
        .map((env) => env.name)
        .sort()
      assert.deepEqual(plain, ['DEVLOOP_DATA', 'DEVLOOP_DEPLOYMENT'])
      assert.match(envs.find((env) => env.name === 'DEVLOOP_DEPLOYMENT')?.value ?? '', /^[0-9a-z]{8}$/)
    })

    it('lets its account read these secrets, one by one, and no others', () => {
      const grants = find('gcp:secretmanager/secretIamMember:SecretIamMember')
      assert.equal(grants.length, 5)
      for (const grant of grants)
        assert.equal(grant.inputs.member, 'serviceAccount:runner@example.iam.gserviceaccount.com')
      const roles = find('gcp:projects/iAMMember:IAMMember')
        .map(({ inputs }) => inputs.role)
        .sort()
      assert.deepEqual(roles, ['roles/cloudsql.client', 'roles/run.developer'])
    })

    it('is deployed by one branch of one repository, without a key', () => {
      const [provider] = find('gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider')
      const branch = stack === 'prod' ? 'main' : 'dev'
      assert.equal(
        provider?.inputs.attributeCondition,
        `assertion.repository == "shop/web" && assertion.ref == "refs/heads/${branch}"`,
      )
      assert.equal(find('gcp:serviceaccount/key:Key').length, 0)
    })

    it(`${stack === 'prod' ? 'is' : 'is not'} protected against deletion, and backs its database up`, () => {
      const [database] = find('gcp:sql/databaseInstance:DatabaseInstance')
      assert.equal(database?.inputs.deletionProtection, stack === 'prod')
      assert.equal(database?.inputs.settings.backupConfiguration.enabled, true)
      assert.equal(database?.inputs.settings.ipConfiguration.sslMode, 'ENCRYPTED_ONLY')
    })

    it('is asked for its health where the server answers', () => {
      assert.equal(template().containers[0].livenessProbe.httpGet.path, '/healthz')
      assert.equal(template().containers[0].startupProbe.httpGet.path, '/readyz')
    })
  })
}
