import { ApiError, notFound } from '../api-error.ts'
import { pullRequestOf } from '../acts/find.ts'
import { findEntry, readBlob } from '../git/trees.ts'
import { Person } from '../person.ts'
import { fullName, type Repository } from '../state/repository.ts'
import type { World } from '../world.ts'

export interface Form {
  readonly [name: string]: string
}

type Act = (person: Person, number: number, form: Form, place: { world: World; repository: Repository }) => unknown

/** What the forms of a pull request do, by the last word of their address. */
const pageActs: Readonly<Record<string, Act>> = {
  comment: (person, number, form) => person.comment(number, form.body ?? ''),
  'line-comment': (person, number, form) => {
    const wanted = {
      path: form.path ?? '',
      line: Number(form.line),
      side: form.side === 'LEFT' ? 'LEFT' : 'RIGHT',
    } as const
    return person.commentOnLine(number, wanted, form.body ?? '')
  },
  approve: (person, number) => person.approve(number),
  'request-changes': (person, number, form) => person.requestChanges(number, form.body ?? ''),
  merge: (person, number, form) => person.merge(number, { method: mergeMethod(form.method) }),
  enqueue: (person, number) => person.enqueue(number),
  close: (person, number) => person.close(number),
  reopen: (person, number) => person.reopen(number),
  ready: (person, number) => person.setDraft(number, false),
  draft: (person, number) => person.setDraft(number, true),
  push: appendLine,
}

/** Does what a form asks; answers GitHub's refusal as a sentence, or undefined when it was done. */
export async function performAct(
  world: World,
  repository: Repository,
  request: { viewer: string; number: number; act: string; form: Form },
): Promise<string | undefined> {
  const { viewer, number, act, form } = request
  const perform = Object.hasOwn(pageActs, act) ? pageActs[act] : undefined
  if (perform === undefined) throw notFound()
  return refusalOf(async () => {
    await perform(new Person(world, viewer, fullName(repository)), number, form, { world, repository })
  })
}

export async function refusalOf(perform: () => unknown): Promise<string | undefined> {
  try {
    await perform()
    return undefined
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const details = error.errors?.map((detail) =>
      typeof detail === 'string' ? detail : (detail.message ?? `${detail.field}: ${detail.code}`),
    )
    return [error.message, ...(details ?? [])].join('\n')
  }
}

function mergeMethod(name: string | undefined): 'merge' | 'squash' | 'rebase' {
  return name === 'squash' || name === 'rebase' ? name : 'merge'
}

async function appendLine(
  person: Person,
  number: number,
  form: Form,
  place: { world: World; repository: Repository },
): Promise<void> {
  const { world, repository } = place
  const { headRef, headSha } = pullRequestOf(repository, number)
  const path = form.path?.trim() ?? ''
  if (path === '' || path.startsWith('/') || path.split('/').includes('..'))
    throw new ApiError(422, 'The file needs a relative path.')
  const git = world.git(repository)
  const entry = await findEntry(git, headSha, path)
  const before = entry?.type === 'blob' ? (await readBlob(git, entry.sha)).toString('utf8') : ''
  const line = (form.line ?? '').replaceAll('\r\n', '\n')
  await person.push(
    headRef,
    { [path]: `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n` },
    `Append to ${path}`,
  )
}
