// The governance rules that Danger can express, read through what Danger has read already, or through its own helpers.
const { pr, reviews, utils, api, thisPR } = danger.github
const PLAN = /^DEV_MAN\/active\/plan_v(\d+)\.(\d+)(?:\.(\d+))?\.md$/
const FEATURE = /^phase-(\d+)\/[\w-]+$/

schedule(async () => {
  const changed = [...danger.git.created_files, ...danger.git.modified_files, ...danger.git.deleted_files]

  // branch/name, branch/target
  const feature = FEATURE.exec(pr.head.ref)
  if (feature === null) fail(`The branch ${pr.head.ref} is not named phase-N/slug.`)
  if (pr.base.ref !== 'main') fail(`The branch aims at ${pr.base.ref}.`)

  // plan/one-active, plan/name-version
  const active = await api.repos.getContent({ ...repository(), path: 'DEV_MAN/active', ref: pr.head.sha })
  const plans = active.data.map(({ path }) => path).filter((path) => path.endsWith('.md'))
  if (plans.length !== 1) fail(`${plans.length} plans are active.`)
  const name = PLAN.exec(plans[0] ?? '')
  if (name === null) fail(`${plans[0]} is not named plan_vX.Y.md.`)
  const text = await utils.fileContents(plans[0], `${thisPR.owner}/${thisPR.repo}`, pr.head.sha)
  const title = /^# .*v(\d+)\.(\d+)/m.exec(text)
  if (name && title && (name[1] !== title[1] || name[2] !== title[2]))
    fail('File name and title name different versions.')

  // plan/archive-frozen, plan/silent-edit
  const touched = [...danger.git.modified_files, ...danger.git.deleted_files]
  for (const path of touched.filter((one) => one.startsWith('DEV_MAN/completed/'))) fail(`${path} is archived.`)
  if (touched.some((path) => PLAN.test(path))) {
    const before = await utils.fileContents(plans[0], `${thisPR.owner}/${thisPR.repo}`, pr.base.sha)
    if (withoutTicks(before) !== withoutTicks(text)) fail('The plan changed without a new version.')
  }

  // plan/branch-phase, plan/task-ref, plan/scope
  const current = /^## Phase (\d+).*⏳/m.exec(text)
  if (feature && current && feature[1] !== current[1]) fail(`Phase ${feature[1]} is not the current one.`)
  const cited = [...(pr.body ?? '').matchAll(/^Plan: (.+)$/gm)].flatMap(([, ids]) => ids.split(/,\s*/))
  const tasks = cited.map((id) => new RegExp(`^- \\[(.)\\] ${id} .*\\{paths: ([^}]*)\\}`, 'm').exec(text))
  if (cited.length === 0) warn('No task is cited.')
  cited.forEach((id, index) => {
    if (tasks[index] === null) warn(`${id} is no task of the plan.`)
    else if (tasks[index][1] === 'x') warn(`${id} is done.`)
  })
  const folders = tasks.flatMap((task) => (task ? task[2].split(/,\s*/).map((glob) => glob.replace('**', '')) : []))
  for (const path of changed)
    if (!folders.some((folder) => path.startsWith(folder))) warn(`${path} is in no cited task.`)

  // review/approved, review/independent
  const approved = reviews.filter(({ state, commit_id }) => state === 'APPROVED' && commit_id === pr.head.sha)
  if (approved.length === 0) fail('Nobody approved the last commit.')
  const authors = new Set(danger.github.commits.map(({ author }) => author?.login))
  for (const { user } of approved)
    if (user.login === pr.user.login || authors.has(user.login)) fail('Approved by its author.')

  // checks/green
  const at = { ...repository(), ref: pr.head.sha }
  const runs = await api.checks.listForRef(at)
  const statuses = await api.repos.getCombinedStatusForRef(at)
  for (const run of runs.data.check_runs)
    if (!['success', 'neutral', 'skipped'].includes(run.conclusion) && !run.name.startsWith('devloop/'))
      fail(`${run.name} is not green.`)
  for (const { state, context } of statuses.data.statuses)
    if (state !== 'success' && !/danger/i.test(context)) fail(`${context} is ${state}.`)

  markdown(`Governance: ${changed.length} files judged.`)
})

function repository() {
  return { owner: thisPR.owner, repo: thisPR.repo }
}

function withoutTicks(text) {
  return text.replace(/^- \[.\]/gm, '- [ ]')
}
