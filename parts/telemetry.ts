import type { Environment } from '../config/environment.ts'
import { silentTelemetry, type Telemetry } from '../ports/telemetry.ts'

/** Traces to the collector of the environment; without one nothing is loaded and nothing recorded. */
export async function openTelemetry(environment: Environment, serviceVersion: string): Promise<Telemetry> {
  const endpoint = environment.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return silentTelemetry
  const { createOtelTelemetry } = await import('../adapters/telemetry/otel-telemetry.ts')
  return createOtelTelemetry({
    endpoint,
    headers: headersOf(environment.OTEL_EXPORTER_OTLP_HEADERS?.reveal() ?? ''),
    serviceVersion,
    sampleRatio: environment.OTEL_TRACES_SAMPLER_ARG,
  })
}

/** `name=value,name=value`, values percent-encoded, as OpenTelemetry's own variable has it. */
function headersOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=')
    if (at < 1) return []
    const value = pair.slice(at + 1).trim()
    return [[pair.slice(0, at).trim(), value.includes('%') ? decodeURIComponent(value) : value] as const]
  })
  return Object.fromEntries(pairs)
}
