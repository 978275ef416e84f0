import { describe } from 'vitest'
import { githubContract } from '../contracts/github.contract.ts'
import { createFakeGithub, fakePullRequest } from './fake-github.ts'

describe('the fake GitHub', () => {
  const file = { path: 'src/a.ts', status: 'modified', additions: 1, deletions: 1 } as const
  const github = createFakeGithub([fakePullRequest({}, [file])])
  github.permissions.set('bob', 'write')
  const [pullRequest] = github.pullRequests.values()
  if (pullRequest === undefined) throw new Error('the fake has no pull request')
  const { number, headSha } = pullRequest.view
  const places = { path: file.path, line: 2, writer: 'bob', stranger: 'mallory' }
  githubContract(() => ({ app: github, repository: github.repositoryPort, number, headSha, ...places }))
})
