import * as gcp from '@pulumi/gcp'
import * as pulumi from '@pulumi/pulumi'
import * as random from '@pulumi/random'

export interface Wish {
  /** `dev` or `prod`; stands in every name. */
  readonly stack: string
  readonly project: string
  readonly region: string
  readonly image: string
  /** `owner/name` on GitHub: its workflows, and no others, may deploy. */
  readonly repository: string
  readonly databaseTier: string
  readonly maxInstances: number
}

/** Filled in by a person: `gcloud secrets versions add devloop-<stack>-app-id --data-file=-`. */
export const SECRETS = ['APP_ID', 'PRIVATE_KEY', 'WEBHOOK_SECRET', 'RUNPOD_API_KEY'] as const

/** The server on Cloud Run over Cloud SQL; secrets in Secret Manager; deployed by GitHub without any long-lived key. */
export function deploy(wish: Wish) {
  const { stack, project, region } = wish
  const isProd = stack === 'prod'
  const name = `devloop-${stack}`

  const runner = new gcp.serviceaccount.Account('runner', { accountId: `${name}-run`, displayName: 'DevLoop server' })
  const runnerMember = pulumi.interpolate`serviceAccount:${runner.email}`

  const password = new random.RandomPassword('database-password', { length: 32, special: false })
  const database = new gcp.sql.DatabaseInstance('database', {
    name,
    region,
    databaseVersion: 'POSTGRES_17',
    deletionProtection: isProd,
    settings: {
      tier: wish.databaseTier,
      edition: 'ENTERPRISE',
      availabilityType: isProd ? 'REGIONAL' : 'ZONAL',
      backupConfiguration: { enabled: true, pointInTimeRecoveryEnabled: isProd },
      ipConfiguration: { ipv4Enabled: true, sslMode: 'ENCRYPTED_ONLY' },
    },
  })
  const schema = new gcp.sql.Database('schema', { name: 'devloop', instance: database.name })
  const user = new gcp.sql.User('user', { name: 'devloop', instance: database.name, password: password.result })
  new gcp.projects.IAMMember('runner-reaches-database', {
    project,
    role: 'roles/cloudsql.client',
    member: runnerMember,
  })

  const secrets = SECRETS.map((variable) =>
    createSecret(variable, `${name}-${variable.toLowerCase().replaceAll('_', '-')}`),
  )
  const databaseUrl = createSecret('DATABASE_URL', `${name}-database-url`)
  const urlVersion = new gcp.secretmanager.SecretVersion('database-url', {
    secret: databaseUrl.secret.id,
    secretData: pulumi.interpolate`postgres://${user.name}:${password.result}@/${schema.name}?host=/cloudsql/${database.connectionName}`,
  })
  const all = [...secrets, databaseUrl]
  const grants = all.map(
    ({ variable, secret }) =>
      new gcp.secretmanager.SecretIamMember(`runner-reads-${variable}`, {
        secretId: secret.id,
        role: 'roles/secretmanager.secretAccessor',
        member: runnerMember,
      }),
  )

  const service = new gcp.cloudrunv2.Service(
    'server',
    {
      name,
      location: region,
      ingress: 'INGRESS_TRAFFIC_ALL',
      deletionProtection: isProd,
      template: {
        serviceAccount: runner.email,
        // The loop that gives pods back must run between requests: one instance always, with its CPU always on.
        scaling: { minInstanceCount: 1, maxInstanceCount: wish.maxInstances },
        timeout: '3600s',
        volumes: [{ name: 'cloudsql', cloudSqlInstance: { instances: [database.connectionName] } }],
        containers: [
          {
            image: wish.image,
            ports: { containerPort: 3000 },
            resources: { limits: { cpu: '1', memory: '1Gi' }, cpuIdle: false },
            startupProbe: { httpGet: { path: '/readyz' }, periodSeconds: 5, failureThreshold: 24 },
            livenessProbe: { httpGet: { path: '/healthz' }, periodSeconds: 15, failureThreshold: 4 },
            volumeMounts: [{ name: 'cloudsql', mountPath: '/cloudsql' }],
            envs: [
              { name: 'DEVLOOP_DATA', value: '/tmp/devloop' },
              { name: 'DEVLOOP_DEPLOYMENT', value: deploymentId(wish) },
              ...all.map(({ variable, secret }) => ({
                name: variable,
                valueSource: { secretKeyRef: { secret: secret.secretId, version: 'latest' } },
              })),
            ],
          },
        ],
      },
    },
    { dependsOn: [urlVersion, ...grants] },
  )
  // Webhooks, keys and log-in are checked by the server itself; GitHub cannot carry an identity of Google's.
  new gcp.cloudrunv2.ServiceIamMember('public', {
    name: service.name,
    location: region,
    role: 'roles/run.invoker',
    member: 'allUsers',
  })

  return { service, database, runner, secrets: all, ...createDeployer(wish, runner) }
}

function createSecret(variable: string, secretId: string) {
  return { variable, secret: new gcp.secretmanager.Secret(variable, { secretId, replication: { auto: {} } }) }
}

/** Workload identity: GitHub's own token is exchanged for a short-lived one, for this repository's workflows only. */
function createDeployer({ stack, project, repository }: Wish, runner: gcp.serviceaccount.Account) {
  const pool = new gcp.iam.WorkloadIdentityPool('github', { workloadIdentityPoolId: `devloop-${stack}-github` })
  const provider = new gcp.iam.WorkloadIdentityPoolProvider('github-actions', {
    workloadIdentityPoolId: pool.workloadIdentityPoolId,
    workloadIdentityPoolProviderId: 'actions',
    attributeMapping: {
      'google.subject': 'assertion.sub',
      'attribute.repository': 'assertion.repository',
      'attribute.ref': 'assertion.ref',
    },
    attributeCondition: `assertion.repository == "${repository}" && assertion.ref == "refs/heads/${stack === 'prod' ? 'main' : 'dev'}"`,
    oidc: { issuerUri: 'https://token.actions.githubusercontent.com' },
  })
  const deployer = new gcp.serviceaccount.Account('deployer', { accountId: `devloop-${stack}-deploy` })
  new gcp.serviceaccount.IAMMember('github-is-deployer', {
    serviceAccountId: deployer.name,
    role: 'roles/iam.workloadIdentityUser',
    member: pulumi.interpolate`principalSet://iam.googleapis.com/${pool.name}/attribute.repository/${repository}`,
  })
  new gcp.projects.IAMMember('deployer-deploys', {
    project,
    role: 'roles/run.developer',
    member: pulumi.interpolate`serviceAccount:${deployer.email}`,
  })
  new gcp.serviceaccount.IAMMember('deployer-starts-as-runner', {
    serviceAccountId: runner.name,
    role: 'roles/iam.serviceAccountUser',
    member: pulumi.interpolate`serviceAccount:${deployer.email}`,
  })
  return { pool, provider, deployer }
}

/** Eight signs that stand in the name of every pod: the disk of Cloud Run forgets, so they come from here. */
function deploymentId({ stack, project }: Wish): string {
  const letters = `${stack}${project}`.toLowerCase().replaceAll(/[^0-9a-z]/g, '')
  return `${letters}00000000`.slice(0, 8)
}
