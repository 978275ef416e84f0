import type { ChangedFile, Hunk } from '../diff/model.ts'

export const riskIds = [
  'auth',
  'injection',
  'file-serving',
  'secrets',
  'crypto',
  'migrations',
  'ci',
  'routes',
  'paths',
  'concurrency',
  'dependencies',
] as const
export type RiskId = (typeof riskIds)[number]

interface Risk {
  /** How much it counts in the order of review. */
  readonly weight: number
  readonly path: RegExp | null
  /** Looked for in added and deleted lines. */
  readonly content: RegExp | null
  /** Put to the model with the hunks concerned; the answer is held against it. */
  readonly question: string
}

export const risks: Readonly<Record<RiskId, Risk>> = {
  auth: {
    weight: 5,
    path: /(?:^|[/_.-])(?:auth|authn|authz|login|logout|session|permissions?|rbac|acl|oauth|sso|jwt)(?:[/_.-]|$)/i,
    content:
      /\b(?:authori[sz]\w*|authenticat\w*|is_?admin|has_?role|has_?permission|permissions?\b|current_?user|login_required|csrf|cors|bearer|jwt|session)\b/i,
    question:
      'Can anyone reach or change something here without the right identity or permission? Is every check still made, before the action, on every way in?',
  },
  injection: {
    weight: 5,
    path: null,
    content:
      /\b(?:eval|exec|execSync|execFile|spawn|spawnSync|popen|system|shell_exec|new Function|innerHTML|dangerouslySetInnerHTML|document\.write|pickle\.loads?|yaml\.load|deserialize|unserialize|raw_?query|executescript|exec\.Command)\b|\bsubprocess\.|shell\s*=\s*True|\b(?:select|insert into|update|delete from)\b[^;]{0,200}(?:\$\{|["'`]\s*\+|%s|\.format\(|\bf["'])/i,
    question:
      'Does any text from outside reach a shell, a query, markup, a template or a decoder without being bound, escaped or checked?',
  },
  'file-serving': {
    weight: 5,
    path: /(?:^|[/_.-])(?:uploads?|downloads?|static|attachments?|files?)(?:[/_.-]|$)/i,
    content:
      /\b(?:sendFile|send_file|send_from_directory|serveFile|ServeFile|FileServer|express\.static|serve_static|FileResponse|createReadStream|StreamingResponse|download)\b/,
    question:
      'Can a request name a file outside the folder meant, a hidden file or a link out of it? Are type and size of what comes in bounded?',
  },
  secrets: {
    weight: 4,
    path: /(?:^|\/)\.env(?:\.|$)|(?:^|[/_.-])(?:secrets?|credentials?|vault|keys)(?:[/_.-]|$)/i,
    content:
      /\b(?:process\.env|os\.environ|getenv|secrets?|credentials?|api_?key|access_?token|private_?key|passw(?:or)?d)\b/i,
    question:
      'Can a secret reach a log, an error message, a response, a command line or the repository? Is it compared in constant time?',
  },
  crypto: {
    weight: 4,
    path: /(?:^|[/_.-])(?:crypto|cipher|tls|ssl|signing|signature)(?:[/_.-]|$)/i,
    content:
      /\b(?:createHash|createHmac|createCipheriv|randomBytes|Math\.random|md5|sha1|bcrypt|argon2|scrypt|pbkdf2|encrypt|decrypt|InsecureSkipVerify|rejectUnauthorized|verify_signature|timingSafeEqual|compare_digest|hmac|tls\.Config)\b/i,
    question: 'Are algorithm, randomness, comparison and certificate checks right for what they protect?',
  },
  migrations: {
    weight: 4,
    path: /(?:^|\/)(?:migrations?|migrate|alembic|flyway|liquibase)\/|\.sql$/i,
    content:
      /\b(?:alter table|drop (?:table|column|index)|create (?:unique )?index|add column|truncate table|op\.(?:drop|alter|add)_|addColumn|dropColumn|removeColumn|renameColumn)\b/i,
    question:
      'Does the migration keep existing rows, run without long locks, work while old code still runs, and can it be taken back?',
  },
  ci: {
    weight: 4,
    path: /(?:^|\/)\.github\/(?:workflows|actions)\/|(?:^|\/)(?:action\.ya?ml|\.gitlab-ci\.yml|Jenkinsfile|azure-pipelines\.yml|Dockerfile[^/]*|docker-compose[^/]*)$|(?:^|\/)\.(?:circleci|buildkite)\//i,
    content: null,
    question:
      'Can a fork or a title run code with secrets or write permission here? Are permissions least, actions and images pinned, and inputs kept out of scripts?',
  },
  routes: {
    weight: 3,
    path: /(?:^|[/_.-])(?:routes?|router|controllers?|handlers?|endpoints?|urls|views|api|webhooks?|middlewares?)(?:[/_.-]|$)/i,
    content:
      /\b(?:app|router|server|api|mux|r|e|blueprint|bp|group)\.(?:get|post|put|patch|delete|use|route|handle|handlefunc|options|all)\(|@(?:app|router|bp|blueprint|api)\.\w+\(|@(?:Get|Post|Put|Patch|Delete|Request)(?:Mapping)?\b|\bhttp\.Handle/i,
    question:
      'Is all input of the route checked for presence, type and bounds, does each failure get its own status, and who may call it?',
  },
  paths: {
    weight: 3,
    path: null,
    content:
      /\b(?:path\.(?:join|resolve)|os\.path\.|filepath\.|pathlib|readFile|writeFile|readdir|unlink|rmSync|mkdir|rename|symlink|os\.(?:Open|Create|Remove|ReadFile|WriteFile)|shutil\.|realpath)\b|\bopen\(|\.\.\//,
    question:
      'Can a path leave the folder meant, by `..`, an absolute path or a link? What if the file is missing, huge, or changes meanwhile?',
  },
  concurrency: {
    weight: 3,
    path: null,
    content:
      /\b(?:go func|chan\b|sync\.\w+|Mutex|RWMutex|WaitGroup|Promise\.(?:all|race|any|allSettled)|new Worker|threading\.|multiprocessing\.|asyncio\.|setTimeout|setInterval|atomic\.|semaphore|lock|unlock|transaction|for update)\b/i,
    question:
      'Can two runs at once, a run cut off, or one that fails half-way leave wrong state, a held lock, a leak or unhandled work?',
  },
  dependencies: {
    weight: 2,
    path: /(?:^|\/)(?:package\.json|go\.mod|requirements[^/]*\.txt|pyproject\.toml|setup\.(?:py|cfg)|Pipfile|Cargo\.toml|Gemfile|pom\.xml|build\.gradle(?:\.kts)?|composer\.json|[^/]+\.csproj)$/,
    content: null,
    question:
      'Is every new or changed dependency needed, the one meant, pinned as the project pins, and used as its new version wants?',
  },
}

/** Risks that path or changed lines of the hunk show, in the order of {@link riskIds}. */
export function risksOf(file: ChangedFile, hunk: Hunk): RiskId[] {
  const changed = hunk.lines.filter((line) => line.kind !== 'context').map((line) => line.text.slice(0, 2000))
  return riskIds.filter((id) => {
    const { path, content } = risks[id]
    return path?.test(file.path) === true || (content !== null && changed.some((text) => content.test(text)))
  })
}
