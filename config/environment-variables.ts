/** What a variable is needed for: the GitHub App, renting pods, or nothing that must be there. */
export type Need = 'app' | 'runpod' | 'optional'

/** Every environment variable DevLoop reads, as `devloop doctor` lists them. */
export const ENVIRONMENT_VARIABLES = [
  { name: 'APP_ID', need: 'app', secret: false, says: 'number of the GitHub App' },
  { name: 'PRIVATE_KEY', need: 'app', secret: true, says: 'private key of the App, PEM' },
  {
    name: 'PRIVATE_KEY_PATH',
    need: 'optional',
    secret: false,
    says: 'file that holds the private key, instead of PRIVATE_KEY',
  },
  { name: 'WEBHOOK_SECRET', need: 'app', secret: true, says: 'secret that signs the webhooks' },
  { name: 'CLIENT_ID', need: 'optional', secret: false, says: 'OAuth client id of the App, for log-in with GitHub' },
  { name: 'CLIENT_SECRET', need: 'optional', secret: true, says: 'OAuth client secret of the App' },
  {
    name: 'GITHUB_WEB_URL',
    need: 'optional',
    secret: false,
    says: "GitHub's pages, found by GITHUB_API_URL when absent",
  },
  { name: 'GITHUB_API_URL', need: 'optional', secret: false, says: "GitHub's API, https://api.github.com when absent" },
  { name: 'RUNPOD_API_KEY', need: 'runpod', secret: true, says: 'RunPod API key' },
  {
    name: 'RUNPOD_API_URL',
    need: 'optional',
    secret: false,
    says: "RunPod's API, https://api.runpod.io/v2 when absent",
  },
  { name: 'RUNPOD_PROXY_URL', need: 'optional', secret: false, says: 'template of the address of a port of a pod' },
  {
    name: 'DEVLOOP_DEPLOYMENT',
    need: 'optional',
    secret: false,
    says: 'eight signs that stand in the name of every pod',
  },
  { name: 'DEVLOOP_ENGINE', need: 'optional', secret: false, says: '"runpod" or the URL of an Ollama' },
  { name: 'DATABASE_URL', need: 'optional', secret: true, says: 'PostgreSQL; embedded in DEVLOOP_DATA when absent' },
  { name: 'DEVLOOP_DATA', need: 'optional', secret: false, says: 'folder for the embedded database and the journal' },
  {
    name: 'DEVLOOP_KEEP_DAYS',
    need: 'optional',
    secret: false,
    says: 'how long ended jobs, reviews and verdicts are kept; 90 days when absent',
  },
  { name: 'HOST', need: 'optional', secret: false, says: 'address to listen on' },
  { name: 'PORT', need: 'optional', secret: false, says: 'port to listen on' },
  { name: 'PUBLIC_URL', need: 'optional', secret: false, says: 'address others reach the server at' },
  { name: 'CONTROLLER_URL', need: 'optional', secret: false, says: 'a running controller, for clients' },
  { name: 'CONTROLLER_KEY', need: 'optional', secret: true, says: 'API key of that controller' },
  { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', need: 'optional', secret: false, says: 'where traces go' },
  {
    name: 'OTEL_EXPORTER_OTLP_HEADERS',
    need: 'optional',
    secret: true,
    says: 'headers for the collector, name=value,...',
  },
  {
    name: 'OTEL_TRACES_SAMPLER_ARG',
    need: 'optional',
    secret: false,
    says: 'share of traces that are kept, 0 to 1; all when absent',
  },
  {
    name: 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
    need: 'optional',
    secret: false,
    says: '"true" puts prompts and answers into traces',
  },
  {
    name: 'ALERT_WEBHOOK_URL',
    need: 'optional',
    secret: true,
    says: 'Slack-compatible webhook that is told of alerts',
  },
  {
    name: 'REPORT_TOKEN',
    need: 'optional',
    secret: true,
    says: 'GitHub token that may write to report.repository; the App itself when absent',
  },
  { name: 'LOG_LEVEL', need: 'optional', secret: false, says: 'trace, debug, info, warn, error, fatal or silent' },
] as const satisfies readonly { name: string; need: Need; secret: boolean; says: string }[]

export type EnvironmentName = (typeof ENVIRONMENT_VARIABLES)[number]['name']
