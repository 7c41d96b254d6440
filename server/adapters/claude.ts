import Anthropic, {
  AnthropicError,
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
} from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { ANSWER_SCHEMA, type AnswerReading, readAnswer } from '../../core/analyst/answer.ts';
import type { AnalystFaultKind, TokenUsage } from '../../core/domain/analyst-opinion.ts';
import { MINUTE, SECOND } from '../../core/domain/time.ts';
import type {
  Analyst,
  AnalystAnswered,
  AnalystCheck,
  AnalystFailed,
  AnalystQuestion,
} from '../../core/services/analyst-ports.ts';
import type { AnalystEffort } from '../analyst-model.ts';

export interface ClaudeSettings {
  readonly apiKey: string;
  readonly model: string;
  readonly baseUrl: string;
  readonly effort: AnalystEffort;
  readonly maxAnswerTokens: number;
  /** For a question with all its attempts. */
  readonly deadlineMs?: number;
  readonly attemptTimeoutMs?: number;
  readonly maxRetries?: number;
}

const DEADLINE_MS = 90 * SECOND;
const ATTEMPT_TIMEOUT_MS = MINUTE;
const MAX_RETRIES = 2;
/** The SDK sleeps as long as `retry-after` says; a longer wait is the circuit breaker's, not a call's. */
const LONGEST_RETRY_AFTER_MS = 20 * SECOND;

/** Claude over the Messages API. Tells the provider nothing but the question: no metadata, no telemetry, no redirects. */
export function createClaudeAnalyst(settings: ClaudeSettings): Analyst {
  const { model, maxAnswerTokens } = settings;
  const deadlineMs = settings.deadlineMs ?? DEADLINE_MS;
  const client = new Anthropic({
    apiKey: settings.apiKey,
    authToken: null,
    baseURL: settings.baseUrl,
    timeout: settings.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS,
    maxRetries: settings.maxRetries ?? MAX_RETRIES,
    openTelemetry: false,
    logLevel: 'off',
    fetch: fetchWithinReason,
  });
  // Parsing must not throw: usage and stop reason of an answer in the wrong form are needed, too.
  const format = { ...zodOutputFormat(ANSWER_SCHEMA), parse: readAnswer };

  async function ask({ system, user, signal }: AnalystQuestion): Promise<AnalystAnswered | AnalystFailed> {
    const started = performance.now();
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      const message = await client.messages.parse(
        {
          model,
          max_tokens: maxAnswerTokens,
          system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral', ttl: '1h' } }],
          messages: [{ role: 'user', content: user }],
          output_config: { format, ...(settings.effort !== 'none' && { effort: settings.effort }) },
        },
        { signal: AbortSignal.any([signal, deadline]) },
      );
      return replyOf(message, performance.now() - started);
    } catch (error) {
      return failureOf(error, performance.now() - started, deadline.aborted);
    }
  }

  async function check(): Promise<AnalystCheck> {
    const started = performance.now();
    const deadline = AbortSignal.timeout(10 * SECOND);
    try {
      await client.models.retrieve(model, undefined, { signal: deadline, maxRetries: 1 });
      return { ok: true };
    } catch (error) {
      const { fault, message } = failureOf(error, performance.now() - started, deadline.aborted);
      return {
        ok: false,
        fault,
        message: fault === 'unknown_model' ? `${message} (CLAUDE_MODEL is "${model}")` : message,
      };
    }
  }

  return { model, maxAnswerTokens, ask, check };
}

/** Refuses redirects, which would carry prompt and key elsewhere, and tells the SDK not to sleep for very long. */
async function fetchWithinReason(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'error' });
  if ((retryAfterOf(response.headers) ?? 0) <= LONGEST_RETRY_AFTER_MS) return response;
  const headers = new Headers(response.headers);
  headers.set('x-should-retry', 'false');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

interface ParsedMessage {
  readonly id: string;
  readonly model: string;
  readonly stop_reason: Anthropic.StopReason | null;
  readonly usage: Anthropic.Usage;
  readonly parsed_output: AnswerReading | null;
}

function replyOf(message: ParsedMessage, latencyMs: number): AnalystAnswered | AnalystFailed {
  const usage = usageOf(message.usage);
  const shared = { usage, latencyMs: Math.round(latencyMs), requestId: message.id };
  const failed = (fault: AnalystFaultKind, text: string): AnalystFailed => ({
    ...shared,
    ok: false,
    fault,
    message: text,
    retryAfterMs: null,
    maybeCharged: true,
  });
  const read = message.parsed_output;
  switch (message.stop_reason) {
    case 'refusal':
      return failed('refused', 'The model refused to answer.');
    case 'model_context_window_exceeded':
      return failed('cut_short', "The answer did not fit the model's context.");
    case 'max_tokens':
      // A JSON document that happens to be complete is an answer all the same.
      if (!read?.ok) return failed('cut_short', 'The answer was cut at SENTINEL_ANALYST_ANSWER_TOKENS.');
  }
  if (read === null) return failed('invalid_answer', 'The answer holds no text.');
  if (!read.ok) return failed('invalid_answer', `The answer could not be read: ${read.why}.`);
  return { ...shared, ok: true, answer: read.answer, model: message.model };
}

function usageOf(usage: Anthropic.Usage): TokenUsage {
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cacheWrite: usage.cache_creation_input_tokens ?? 0,
    cacheRead: usage.cache_read_input_tokens ?? 0,
  };
}

interface FaultText {
  readonly fault: AnalystFaultKind;
  readonly text: string;
}

/** By status. The provider's own words are not repeated: they may quote the request. */
const BY_STATUS: Readonly<Record<number, FaultText>> = {
  400: { fault: 'bad_request', text: 'The provider refused the request as malformed' },
  401: { fault: 'bad_key', text: 'The provider does not accept ANTHROPIC_API_KEY' },
  402: { fault: 'bad_key', text: "The provider's account can't pay" },
  403: { fault: 'bad_key', text: 'ANTHROPIC_API_KEY may not use this model' },
  404: { fault: 'unknown_model', text: 'The provider does not know the model' },
  408: { fault: 'timeout', text: 'The provider took too long' },
  413: { fault: 'bad_request', text: 'The request is too large for the provider; lower MAX_TOKENS' },
  429: { fault: 'rate_limited', text: "The provider's rate limit is reached" },
  529: { fault: 'overloaded', text: 'The provider is overloaded' },
};

function failureOf(error: unknown, latencyMs: number, deadlinePassed: boolean): AnalystFailed {
  const { fault, text } = faultOf(error, deadlinePassed);
  const api = error instanceof APIError ? error : undefined;
  const type = api?.type === null || api?.type === undefined ? '' : `, ${String(api.type).replaceAll(/[^a-z_]/g, '')}`;
  const status = api?.status === undefined ? '' : ` (status ${String(api.status)}${type.slice(0, 60)})`;
  return {
    ok: false,
    fault,
    message: `${text}${status}.`,
    usage: null,
    latencyMs: Math.round(latencyMs),
    requestId: api?.requestID ?? null,
    retryAfterMs: api?.headers ? retryAfterOf(api.headers as Headers) : null,
    // A status other than 200 is not charged; a connection that broke may have been.
    maybeCharged: api?.status === undefined,
  };
}

function faultOf(error: unknown, deadlinePassed: boolean): FaultText {
  if (error instanceof APIConnectionTimeoutError || deadlinePassed) {
    return { fault: 'timeout', text: 'The provider did not answer in time' };
  }
  if (error instanceof APIUserAbortError) return { fault: 'connection', text: 'The call was given up' };
  if (error instanceof APIConnectionError) return { fault: 'connection', text: 'The provider could not be reached' };
  if (error instanceof APIError) {
    const status = error.status as number | undefined;
    return BY_STATUS[status ?? 0] ?? { fault: 'provider_error', text: 'The provider failed' };
  }
  if (isBrokenBody(error)) return { fault: 'connection', text: 'The connection broke within the answer' };
  if (error instanceof SyntaxError || error instanceof TypeError || error instanceof AnthropicError) {
    return { fault: 'invalid_answer', text: 'What came is no answer of the Messages API' };
  }
  return { fault: 'provider_error', text: 'The call failed' };
}

/** What undici throws when the socket ends before the body does. */
function isBrokenBody(error: unknown): boolean {
  return error instanceof TypeError && (error.message === 'terminated' || error.cause !== undefined);
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date; null without either. */
function retryAfterOf(headers: Headers): number | null {
  const ms = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (ms > 0) return ms;
  const text = headers.get('retry-after');
  if (text === null) return null;
  const seconds = Number(text);
  const wait = Number.isNaN(seconds) ? Date.parse(text) - Date.now() : seconds * SECOND;
  return wait > 0 ? wait : null;
}
