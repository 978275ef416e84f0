import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Attributes,
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node'
import { isCodedError } from '../../ports/errors.ts'
import type { Span, SpanFacts, SpanWish, Telemetry } from '../../ports/telemetry.ts'
import { formatTraceparent, parseTraceparent } from './traceparent.ts'

export interface OtelOptions {
  /** Base address of the collector; `/v1/traces` is appended, as the specification says. */
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceVersion: string
  /** Share of traces that are kept, 0 to 1; a trace is kept whole or not at all. */
  readonly sampleRatio: number
}

const KINDS: Readonly<Record<SpanWish['kind'], SpanKind>> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
}
const FLUSH_MS = 3_000

/** Traces over OTLP to any collector. Nothing global is registered: what is active hangs on this object. */
export function createOtelTelemetry(options: OtelOptions): Telemetry {
  const exporter = new OTLPTraceExporter({
    url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: { ...options.headers },
    timeoutMillis: FLUSH_MS,
  })
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'devloop', 'service.version': options.serviceVersion }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.sampleRatio) }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1_000 })],
  })
  const tracer = provider.getTracer('devloop', options.serviceVersion)
  const active = new AsyncLocalStorage<Context>()

  return {
    isOn: true,
    async span(wish, body) {
      const parent = parseTraceparent(wish.parent)
      const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : (active.getStore() ?? ROOT_CONTEXT)
      const start = wish.startedAt === undefined ? {} : { startTime: wish.startedAt }
      const span = tracer.startSpan(
        wish.name,
        { kind: KINDS[wish.kind], attributes: attributesOf(wish.facts), ...start },
        context,
      )
      try {
        return await active.run(trace.setSpan(context, span), () => body(viewOf(span)))
      } catch (error) {
        fail(span, typeOf(error))
        throw error
      } finally {
        span.end()
      }
    },
    active() {
      const context = active.getStore()
      const span = context && trace.getSpanContext(context)
      return span ? formatTraceparent(span) : null
    },
    close: () => provider.shutdown().catch(() => {}),
  }
}

function viewOf(span: OtelSpan): Span {
  return {
    traceparent: formatTraceparent(span.spanContext()),
    set: (facts) => void span.setAttributes(attributesOf(facts)),
    event: (name, facts) => void span.addEvent(name, attributesOf(facts)),
    fail: (type) => fail(span, type),
  }
}

/** Codes only: a message may quote what a person wrote. */
function typeOf(error: unknown): string {
  return isCodedError(error) ? error.code : error instanceof Error ? error.name : 'unknown'
}

function fail(span: OtelSpan, type: string): void {
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR, message: type })
}

function attributesOf(facts: SpanFacts = {}): Attributes {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known.map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]))
}
