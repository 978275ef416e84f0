// Runs before `npm test`, `npm run demo` and `npm start`, under whatever Node the machine has (>= 20): plain JavaScript, node only.
// Installs exactly the lockfile when node_modules is missing or belongs to another lockfile, without questions.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'node_modules', '.devloop-lockfile')
const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

function stop(sentence) {
  process.stderr.write(`devloop: ${sentence}\n`)
  process.exit(3)
}

const [major] = process.versions.node.split('.').map(Number)
if (major < 20)
  stop(`Node ${process.versions.node} is too old to start with; install Node 20 or newer and run the command again.`)
if (spawnSync('git', ['--version'], { stdio: 'ignore' }).status !== 0) {
  stop('git was not found on the PATH; install git (https://git-scm.com) and run the command again.')
}

const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash
if (!installed) {
  process.stderr.write('devloop: installing dependencies from the lockfile (once, about a minute)\n')
  const npm = process.env.npm_execpath
  const [command, args] = npm?.endsWith('.js') || npm?.endsWith('.cjs') ? [process.execPath, [npm]] : ['npm', []]
  const result = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, npm_config_yes: 'true' },
  })
  if (result.status !== 0) {
    stop('`npm ci` did not finish; check that the npm registry can be reached (`npm ping`) and run the command again.')
  }
  if (!existsSync(join(root, 'node_modules', '.bin', 'node'))) {
    stop(
      'the Node 24 runtime did not arrive with `npm ci` (install scripts may be switched off); run `npm rebuild node` and try again.',
    )
  }
  dropNodeHeaders()
  writeFileSync(stamp, lockHash)
}
offer('devloop')

// `npx devloop` in a clone, and the hooks of this repository, run the source under the Node that came with the dependencies.
function offer(command) {
  const file = join(root, 'node_modules', '.bin', command)
  if (existsSync(file)) return
  writeFileSync(file, `#!/bin/sh\nexec "\${0%/*}/node" "\${0%/*}/../../cli/main.ts" "$@"\n`)
  chmodSync(file, 0o755)
}

// Headers and manuals that come with the Node runtime are for building native modules; nothing here is built, and they weigh 68 MB.
function dropNodeHeaders() {
  const home = join(root, 'node_modules', 'node', 'node_modules')
  if (!existsSync(home)) return
  for (const name of readdirSync(home).filter((entry) => entry.startsWith('node-'))) {
    for (const part of ['include', 'share']) rmSync(join(home, name, part), { recursive: true, force: true })
  }
}
