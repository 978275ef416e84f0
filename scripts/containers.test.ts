import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { ENVIRONMENT_VARIABLES } from '../config/environment-variables.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const KNOWN = new Set<string>([...ENVIRONMENT_VARIABLES.map(({ name }) => name), 'NODE_ENV'])

interface Instruction {
  readonly name: string
  readonly rest: string
}

/** A Dockerfile's instructions, continued lines joined, comments left out. */
function instructionsOf(text: string): readonly Instruction[] {
  const joined = text.replaceAll(/^#.*\n/gmu, '').replaceAll(/\\\n\s*/gu, ' ')
  return joined.split('\n').flatMap((line) => {
    const [, name, rest] = /^([A-Z]+)\s+(.+)$/u.exec(line.trim()) ?? []
    return name !== undefined && rest !== undefined ? [{ name, rest }] : []
  })
}

describe('the image of the server', () => {
  const all = instructionsOf(read('Dockerfile'))
  const last = all.slice(all.findLastIndex(({ name }) => name === 'FROM'))
  const find = (name: string) => last.filter((instruction) => instruction.name === name).map(({ rest }) => rest)

  it('begins from one image, pinned by digest, the same Node as a pod has', () => {
    const outside = all.filter(({ name, rest }) => name === 'FROM' && !rest.startsWith('base'))
    expect(outside.map(({ rest }) => rest.split(' ')[0])).toEqual([
      expect.stringMatching(/^node:24\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/u),
    ])
    expect(read('pod/Dockerfile')).toContain(outside[0]?.rest.split(' ')[0])
  })

  it('runs as somebody who is not root, with an init as process 1', () => {
    expect(find('USER')).toEqual(['node'])
    expect(JSON.parse(find('ENTRYPOINT')[0] ?? '')).toEqual(['/usr/bin/tini', '--', 'node', '/app/dist/devloop.js'])
  })

  it('asks its own /healthz, on the port it listens on', () => {
    const [health] = find('HEALTHCHECK')
    expect(health).toContain('/healthz')
    const command = z.array(z.string()).parse(JSON.parse(health?.slice(health.indexOf('[')) ?? ''))
    expect(command.slice(0, 2)).toEqual(['node', '-e'])
    expect(() => new Function(command[2] ?? '')).not.toThrow()
  })

  it('holds production dependencies only', () => {
    const from = find('COPY').filter((rest) => rest.includes('node_modules'))
    expect(from).toEqual(['--from=dependencies /app/node_modules ./node_modules'])
    const stage = all.slice(all.findIndex(({ rest }) => rest.endsWith('AS dependencies')))
    expect(stage.find(({ name }) => name === 'RUN')?.rest).toContain('npm ci --omit=dev')
  })

  it('sets only variables that the server reads, and no secret', () => {
    const names = find('ENV').flatMap((rest) => [...rest.matchAll(/(\w+)=/gu)].map(([, name]) => name ?? ''))
    expect(names).not.toEqual([])
    for (const name of names) expect(KNOWN).toContain(name)
    expect(ENVIRONMENT_VARIABLES.filter(({ name, secret }) => secret && names.includes(name))).toEqual([])
  })

  it('copies files that are there and not ignored', () => {
    const allowed = new Set(
      read('.dockerignore')
        .split('\n')
        .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : [])),
    )
    for (const path of allowed) expect(existsSync(join(root, path)), path).toBe(true)
    const copied = all
      .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from'))
      .flatMap(({ rest }) => rest.split(' ').slice(0, -1))
      .filter((path) => path !== '.')
    expect(copied).not.toEqual([])
    for (const path of copied) expect(allowed).toContain(path)
  })
})

describe('.dockerignore', () => {
  const lines = read('.dockerignore').split('\n')

  it('begins by leaving everything out, so that no .env and no data folder gets in', () => {
    expect(lines.find((line) => line !== '' && !line.startsWith('#'))).toBe('*')
    expect(lines.lastIndexOf('.env*')).toBeGreaterThan(lines.findLastIndex((line) => line.startsWith('!')))
  })
})

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string().optional(),
      environment: z.record(z.string(), z.string()),
      volumes: z.array(z.string()),
      ports: z.array(z.string()).optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
      healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
})

describe('compose.yml', () => {
  const { services, volumes } = composeSchema.parse(parse(read('compose.yml')))
  const { server, database } = services

  it('starts the server when PostgreSQL is healthy', () => {
    expect(server?.depends_on).toEqual({ database: { condition: 'service_healthy' } })
    expect(database?.healthcheck?.test[1]).toContain('pg_isready')
    expect(Number(/^postgres:(\d+)/u.exec(database?.image ?? '')?.[1])).toBeGreaterThanOrEqual(15)
  })

  it('gives the server the database it starts, and variables it reads', () => {
    expect(server?.environment.DATABASE_URL).toMatch(
      /^postgres:\/\/devloop:\$\{POSTGRES_PASSWORD:\?.+\}@database:5432\/devloop$/u,
    )
    for (const name of Object.keys(server?.environment ?? {})) expect(KNOWN).toContain(name)
  })

  it('keeps data in volumes that are declared, and listens on this machine only', () => {
    const used = [...(server?.volumes ?? []), ...(database?.volumes ?? [])].map((volume) => volume.split(':')[0] ?? '')
    expect(used.sort()).toEqual(Object.keys(volumes).sort())
    expect(server?.ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true)
  })

  it('has no password of its own', () => {
    expect(read('compose.yml')).not.toMatch(/PASSWORD: *["']?[a-z0-9]/u)
  })
})
