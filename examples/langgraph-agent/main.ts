import { createAgent } from './agent.ts'

// CONTROLLER_URL=http://127.0.0.1:3000 CONTROLLER_KEY=dlk_... node examples/langgraph-agent/main.ts "a function that adds two numbers"
const { CONTROLLER_URL: controllerUrl, CONTROLLER_KEY: controllerKey, MODEL: model = 'qwen3-coder:30b' } = process.env
const task = process.argv.slice(2).join(' ')

if (!controllerUrl || !controllerKey || task === '') {
  process.stderr.write('Set CONTROLLER_URL and CONTROLLER_KEY, and say what to write.\n')
  process.exitCode = 2
} else {
  const end = await createAgent({ controllerUrl, controllerKey, model, maxRounds: 2 }).invoke({ task })
  process.stdout.write(`${end.plan}\n\n${end.code}\n\n${end.accepted ? 'Accepted' : 'Not accepted'}: ${end.remarks}\n`)
}
