import { runCli } from '../__support__/run-cli.ts'

/** The lines of `devloop doctor` that are not well. */
export async function doctorSays(variables: Readonly<Record<string, string>>): Promise<string> {
  const cli = runCli(['doctor', '--json'], {
    env: variables,
    ...(variables.DEVLOOP_DATA === undefined ? {} : { cwd: '/' }),
  })
  const { stdout, stderr } = await cli.ended
  try {
    const { checks } = JSON.parse(stdout) as { checks: { name: string; state: string; message: string }[] }
    // The embedded database belongs to the server that runs: that is no fault.
    const wrong = checks
      .filter(({ state, message }) => state === 'wrong' && !message.startsWith('Another DevLoop process'))
      .map(({ name, message }) => `${name}: ${message}`)
    return wrong.length === 0 ? 'doctor: well' : `doctor: ${wrong.join(' ').slice(0, 160)}`
  } catch {
    return `doctor: ${stderr.trim().slice(0, 160)}`
  }
}
