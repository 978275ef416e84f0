import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { addCheckCommands } from '../cli/register/check.ts'
import { addModelCommands } from '../cli/register/model.ts'
import { addServerCommands } from '../cli/register/server.ts'
import { runCli } from '../cli/run.ts'
import type { CliWorld } from '../cli/world.ts'

const root = join(import.meta.dirname, '..')
const { name: packageName, scripts } = z
  .object({ name: z.string(), scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...pagesOf('docs')]

interface Shown {
  readonly page: string
  readonly line: number
  readonly text: string
  /** A block is there to be copied; a word in a sentence may be short. */
  readonly isBlock: boolean
}

const shown = PAGES.flatMap((page) => commandsOf(page, readFileSync(join(root, page), 'utf8')))
const devloop = shown.filter(({ text }) => text.startsWith('devloop'))
const npm = shown.filter(({ text }) => text.startsWith('npm '))

describe('every command in the README and the documents', () => {
  it('is found', () => {
    expect(devloop.length).toBeGreaterThan(30)
    expect(npm.length).toBeGreaterThan(5)
    expect(new Set(devloop.map(({ text }) => text.split(' ')[1])).size).toBeGreaterThan(8)
  })

  it.each(devloop.map((command) => [where(command), command] as const))(
    '%s is one the terminal takes',
    async (_, { text, isBlock }) => {
      expect(await mistakeOf(wordsOf(text).slice(1), isBlock)).toBeNull()
    },
  )

  it.each(npm.map((command) => [where(command), command] as const))(
    '%s is a script, with options it takes',
    async (_, { text }) => {
      const [, verb = '', ...rest] = wordsOf(text)
      if (verb === 'ci' || verb === 'ping') return
      if (verb === 'install') return expect(rest.filter((word) => !word.startsWith('-'))).toEqual([packageName])
      const name = verb === 'run' ? (rest[0] ?? '') : verb
      expect(Object.keys(scripts)).toContain(name)
      const passed = rest.includes('--') ? rest.slice(rest.indexOf('--') + 1) : []
      const cli = /^node cli\/main\.ts (.+)$/u.exec(scripts[name] ?? '')?.[1]
      if (cli !== undefined) expect(await mistakeOf([...cli.split(' '), ...passed], true)).toBeNull()
    },
  )

  it('a wrong option is seen', async () => {
    expect(await mistakeOf(['plan', 'bump', '--loudly'], true)).toContain('--loudly')
    expect(await mistakeOf(['chek'], true)).toContain('chek')
  })
})

describe('the cheap ones, run in a repository of their own', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'devloop-docs-'))
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' })
    git('init', '-q', '-b', 'main')
    writeFileSync(join(folder, 'README.md'), '# Shop\n')
    mkdirSync(join(folder, '.github'))
    git('add', '.')
    git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', 'commit', '-q', '-m', 'Begin')
    git('branch', 'dev')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  // In the order of a newcomer: keys need no plan, a plan comes before what reads it.
  const CHEAP = ['plan new', 'plan status', 'plan bump', 'check', 'keys create', 'keys list']
  const blocks = devloop.filter(({ isBlock }) => isBlock).map(({ text }) => text)
  const cheap = CHEAP.flatMap((name) => [...new Set(blocks)].filter((text) => text.startsWith(`devloop ${name}`)))

  it.each(cheap)('%s', { timeout: 15_000 }, async (text) => {
    const said: string[] = []
    const exitCode = await runCli(
      wordsOf(text).slice(1),
      worldIn(folder, (out) => said.push(out)),
    )
    // 1 is an answer too: "no". 2 would be a wrong question, 3 a world that failed.
    expect([0, 1], said.join('')).toContain(exitCode)
    expect(said.join('').trim()).not.toBe('')
  })
})

function pagesOf(folder: string): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
}

/** Lines of `sh` blocks, and code spans that begin with a command of ours. */
function commandsOf(page: string, text: string): readonly Shown[] {
  let fence: string | null = null
  return text.split('\n').flatMap((lineText, index): readonly Shown[] => {
    const mark = /^\s*```(\w*)/u.exec(lineText)
    if (mark) {
      fence = fence === null ? (mark[1] ?? '') : null
      return []
    }
    const at = { page, line: index + 1 }
    if (fence === 'sh') return commandIn(lineText).map((command) => ({ ...at, text: command, isBlock: true }))
    if (fence !== null) return []
    const spans = [...lineText.matchAll(/`((?:devloop|npm|npx devloop) [^`]+)`/gu)].map(([, span]) => span ?? '')
    return spans.flatMap((span) => commandIn(span).map((command) => ({ ...at, text: command, isBlock: false })))
  })
}

/** Each simple command of a line that is ours, without its comment. */
function commandIn(line: string): readonly string[] {
  return line
    .replace(/(^|\s)#.*$/u, '')
    .replaceAll('\\|', '/')
    .split(/\s*(?:\||&&|;)\s*/u)
    .map((part) => part.trim().replace(/^npx devloop/u, 'devloop'))
    .filter((part) => /^(?:devloop|npm)\s/u.test(part))
}

function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  )
}

function where({ page, line, text }: Shown): string {
  return `${page}:${line} ${text}`
}

/** What the real parser has against these words; nothing is carried out. */
async function mistakeOf(words: readonly string[], isWhole: boolean): Promise<string | null> {
  const said: string[] = []
  const program = new Command('devloop')
  const world = worldIn(root, () => {})
  for (const add of [addCheckCommands, addModelCommands, addServerCommands]) add(program, world, () => {})
  disarm(program, said)
  try {
    await program.parseAsync([...words], { from: 'user' })
    return null
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (!isWhole && (code === 'commander.missingArgument' || code === 'commander.help')) return null
    return code === 'commander.helpDisplayed' ? null : said.join('') || String(error)
  }
}

function disarm(command: Command, said: string[]): void {
  command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: (text) => said.push(text) })
  if (command.commands.length === 0) command.action(() => {})
  for (const child of command.commands) disarm(child, said)
}

function worldIn(cwd: string, write: (text: string) => void): CliWorld {
  return {
    env: { PATH: process.env.PATH, DEVLOOP_DATA: join(cwd, '.devloop'), NO_COLOR: '1' },
    cwd,
    stdout: write,
    stderr: write,
    readStdin: async () => '',
    isTty: false,
    signal: new AbortController().signal,
  }
}
