import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'silent';

/**
 * Structured logs, one JSON object per line on standard output. Bodies, rows, variables and session variables are never
 * handed to it; what could carry a secret by accident (headers, database URLs in driver errors) is cut here.
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level: level === 'warning' ? 'warn' : level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Class, code and place of an error; its message with anything that looks like a URL with credentials taken out. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: withoutCredentials(String(error)) };
  const { code } = error as { code?: unknown };
  return {
    type: error.constructor.name,
    ...(typeof code === 'string' && { code }),
    message: withoutCredentials(error.message.split('\n', 1)[0] ?? ''),
    stack: error.stack
      ?.split('\n')
      .filter((line) => line.startsWith('    at '))
      .slice(0, 8)
      .join('\n'),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}

/** Drivers quote the failing statement, and so values: what follows the statement's verb is cut. */
const STATEMENT = /\b(select|insert into|update|delete from|create table|alter table)\b[\s\S]*$/i;

function withoutCredentials(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*):\/\/[^\s@/]+@/gi, '$1://***@').replace(STATEMENT, '$1 …');
}
