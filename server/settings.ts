import { resolve } from 'node:path';
import { RE2JS } from 're2js';
import { type ContainmentPolicy, parsePolicies } from '../core/services/containment-service.ts';
import { isLanguage } from '../core/analyst/instructions.ts';
import type { Prices } from '../core/analyst/budget.ts';
import { SEVERITIES } from '../core/domain/severity.ts';
import { ANALYST_EFFORTS, DEFAULT_MODEL } from './analyst-model.ts';

/**
 * Every environment variable the process reads: the one table behind configuration, `ndc-sentinel config` and
 * docs/configuration.md. Names of the original plugin and of the Hasura platform keep their meaning; our own start
 * with SENTINEL_.
 */
export interface Setting<T> {
  readonly parse: (text: string) => T;
  /** Default in environment form; undefined: absent. */
  readonly default?: string;
  /** What is allowed, in words. */
  readonly form: string;
  readonly example: string;
  readonly description: string;
  /** Masked wherever it is shown; may come from `<NAME>_FILE`. */
  readonly secret?: boolean;
}

/** A value that does not have the form of its variable. The variable and the form are added by the reader. */
export class SettingFault extends Error {}

const fault = (text: string): never => {
  throw new SettingFault(text);
};

function integer(from: number, to: number) {
  return (text: string): number => {
    const value = Number(text);
    return /^-?\d+$/.test(text.trim()) && value >= from && value <= to ? value : fault('is not allowed');
  };
}

function decimal(above: number, to: number) {
  return (text: string): number => {
    const value = Number(text);
    return text.trim() !== '' && value > above && value <= to ? value : fault('is not allowed');
  };
}

/** Shares and rates, bounds included. */
function rate(text: string): number {
  const value = Number(text);
  return text.trim() !== '' && value >= 0 && value <= 1 ? value : fault('is not allowed');
}

function language(value: string): string {
  return isLanguage(value.trim()) ? value.trim() : fault('is not allowed');
}

/** Where prompts go: encrypted, or to this very machine. */
function providerUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  const local = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url === null || url.username !== '' || url.password !== '') return fault('is not allowed');
  return url.protocol === 'https:' || (url.protocol === 'http:' && local)
    ? url.href.replace(/\/$/, '')
    : fault('is not allowed');
}

function httpAddress(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? value : fault('is not allowed');
}

/** Input, output, cache write, cache read. Without the last two, both are taken to be as dear as they can be. */
function prices(value: string): Prices {
  const figures = value.split('/').map((part) => (/^\s*\d+(?:\.\d+)?\s*$/.test(part) ? Number(part) : Number.NaN));
  const [input, output, cacheWrite, cacheRead] = figures as [number, number, number?, number?];
  if ((figures.length !== 2 && figures.length !== 4) || figures.some(Number.isNaN)) return fault('is not allowed');
  return { input, output, cacheWrite: cacheWrite ?? 2 * input, cacheRead: cacheRead ?? input };
}

function oneOf<const T extends string>(...values: readonly T[]) {
  return (text: string): T => values.find((value) => value === text.trim().toLowerCase()) ?? fault('is not allowed');
}

const text = (value: string): string => value;

function flag(value: string): boolean {
  const known: Record<string, boolean> = { '1': true, true: true, yes: true, '0': false, false: false, no: false };
  return known[value.trim().toLowerCase()] ?? fault('is not allowed');
}

function containment(value: string): readonly ContainmentPolicy[] {
  try {
    return parsePolicies(JSON.parse(value));
  } catch (error) {
    return fault(`is not allowed: ${(error as Error).message}`);
  }
}

function slug(value: string): string {
  return /^[a-z0-9][a-z0-9_-]{0,63}$/.test(value) ? value : fault('is not allowed');
}

function patterns(value: string): readonly string[] {
  const listed = value
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
  for (const pattern of listed)
    if (!isPattern(pattern)) fault(`holds "${pattern.slice(0, 60)}", which RE2 does not read`);
  return listed;
}

function isPattern(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false; // the caller says which
  }
}

function jsonObject(value: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Falls through to the one message.
  }
  return fault('is not a JSON object');
}

const PORT_FORM = 'a port, 0 to 65535 (0: any free one)';
const DAYS_FORM = 'a number of days, 1 to 36500';

const days = (fallback: string, what: string): Setting<number> & { readonly default: string } => ({
  parse: integer(1, 36_500),
  default: fallback,
  form: DAYS_FORM,
  example: fallback,
  description: `Days to keep ${what}.`,
});

const define = <T extends Record<string, Setting<unknown>>>(settings: T): T => settings;

export const SETTINGS = define({
  PORT: {
    parse: integer(0, 65_535),
    default: '8787',
    form: PORT_FORM,
    example: '8787',
    description: 'Port of hooks, REST, GraphQL and health.',
  },
  HOST: {
    parse: text,
    form: 'an address or host name',
    example: '0.0.0.0',
    description: 'Address of that listener. Without it: all addresses when M_AUTH_KEY is set, else loopback only.',
  },
  HASURA_CONNECTOR_PORT: {
    parse: integer(0, 65_535),
    default: '8080',
    form: PORT_FORM,
    example: '8080',
    description: 'Port of the NDC connector.',
  },
  HASURA_CONNECTOR_HOST: {
    parse: text,
    form: 'an address or host name',
    example: '::',
    description:
      'Address of the connector. Without it: all addresses when HASURA_SERVICE_TOKEN_SECRET is set, else loopback only.',
  },
  HASURA_SERVICE_TOKEN_SECRET: {
    parse: text,
    form: 'any text',
    example: '(a long random text)',
    description: 'Bearer token the engine sends to the connector.',
    secret: true,
  },
  M_AUTH_KEY: {
    parse: text,
    form: 'any text',
    example: '(a long random text)',
    description: 'Shared secret of the hooks: the engine sends it as hasura-m-auth.',
    secret: true,
  },
  M_AUTH_KEY_PREVIOUS: {
    parse: text,
    form: 'any text',
    example: '(the secret before)',
    description: 'Also accepted while the secret is being rotated.',
    secret: true,
  },
  DATABASE_URL: {
    parse: text,
    form: 'sqlite:<path>, or postgresql:// or mariadb:// with user:password@host:port/database',
    example: 'sqlite:./data/sentinel.db',
    description: 'Where the store lives; wins over DB_*. Without either: a SQLite file in ANOMALY_DETECTION_DATA.',
    secret: true,
  },
  DB_HOST: {
    parse: text,
    form: 'a host name',
    example: 'db.internal',
    description: 'PostgreSQL host, as the original plugin named it.',
  },
  DB_PORT: {
    parse: integer(1, 65_535),
    default: '5432',
    form: 'a port, 1 to 65535',
    example: '5432',
    description: 'PostgreSQL port.',
  },
  DB_NAME: {
    parse: text,
    default: 'anomalies',
    form: 'a database name',
    example: 'anomalies',
    description: 'PostgreSQL database.',
  },
  DB_USER: {
    parse: text,
    default: 'postgres',
    form: 'a user name',
    example: 'sentinel',
    description: 'PostgreSQL user.',
  },
  DB_PASSWORD: {
    parse: text,
    form: 'any text',
    example: '(the password)',
    description: 'PostgreSQL password.',
    secret: true,
  },
  DB_CONNECT_ARGS: {
    parse: jsonObject,
    form: 'a JSON object',
    example: '{"options": "-csearch_path=anomalies"}',
    description: 'Further connection parameters of the URL, for example sslmode or options.',
  },
  ANOMALY_DETECTION_DATA: {
    parse: (value: string) => resolve(value),
    default: './data',
    form: 'a folder',
    example: './data',
    description: 'Folder for the embedded database and the first admin token.',
  },
  EXCLUDED_DATASETS: {
    parse: patterns,
    default: '',
    form: 'regular expressions (RE2), separated by commas, searched anywhere in the name',
    example: 'anomalies_.*,dq_.*',
    description: 'Datasets that are not analysed. Queries on our own models never are.',
  },
  SENTINEL_ALPHA: {
    parse: decimal(0, 0.5),
    form: 'a rate above 0, at most 0.5',
    example: '0.01',
    description: 'Share of ordinary records that may be flagged. Default 0.01, or ANOMALY_THRESHOLD where that is set.',
  },
  ANOMALY_THRESHOLD: {
    parse: decimal(0, 0.5),
    form: 'a rate above 0, at most 0.5',
    example: '0.01',
    description: "The original plugin's name for the rate of flagged records; a warning above 0.02.",
  },
  MINIMUM_TRAINING_RECORDS: {
    parse: integer(20, 1_000_000),
    default: '100',
    form: 'an integer, 20 to 1000000',
    example: '100',
    description: 'Records a baseline needs before it gives verdicts.',
  },
  MAX_HISTORICAL_RECORDS: {
    parse: integer(100, 100_000),
    default: '2000',
    form: 'an integer, 100 to 100000',
    example: '2000',
    description: 'Records kept per baseline: a sample in which recent ones weigh more.',
  },
  SENTINEL_HISTORY: {
    parse: oneOf('features', 'raw'),
    default: 'features',
    form: 'features or raw',
    example: 'features',
    description: 'What history keeps: features without values, or also the rows as received.',
  },
  HISTORICAL_RETENTION_DAYS: days('14', 'history that is no longer being added to'),
  ANOMALY_RETENTION_DAYS: days('90', 'anomalies'),
  MODEL_RETENTION_DAYS: days('360', 'superseded models'),
  SENTINEL_LOG_ARGUMENTS: {
    parse: oneOf('paths', 'values'),
    default: 'paths',
    form: 'paths or values',
    example: 'paths',
    description:
      'What the request log keeps of arguments: their names, or also their values, personal ones replaced, so that kill_switch_replay can try rules on arguments.',
  },
  SENTINEL_LOG_RETENTION_DAYS: days('30', 'the request log and the traffic tally'),
  SENTINEL_EVENT_TIME_HEADER: {
    parse: (value: string) => value.trim().toLowerCase(),
    form: 'a header name',
    example: 'x-event-time',
    description:
      'Header whose RFC 3339 or epoch-millisecond value is the event time, for replayed traffic. Off when unset.',
  },
  SENTINEL_CONNECTOR_NAME: {
    parse: text,
    default: 'anomalies',
    form: 'the name of the DataConnectorLink',
    example: 'sentinel',
    description: 'Our connector in the supergraph; NDC requests to it are not observed.',
  },
  SENTINEL_DECISION_TIMEOUT_MS: {
    parse: integer(1, 10_000),
    default: '20',
    form: 'milliseconds, 1 to 10000',
    example: '20',
    description:
      'How long the kill-switch rules are asked about one request. SENTINEL_DECISION_POLICY says what follows.',
  },
  SENTINEL_DECISION_POLICY: {
    parse: oneOf('allow', 'block'),
    default: 'allow',
    form: 'allow or block',
    example: 'block',
    description:
      'What becomes of a request that no rule had refused when SENTINEL_DECISION_TIMEOUT_MS was up and rules were still to be asked.',
  },
  SENTINEL_SHUTDOWN_SECONDS: {
    parse: integer(0, 600),
    default: '10',
    form: 'seconds, 0 to 600',
    example: '10',
    description: 'Time to finish requests and write what is queued when told to stop.',
  },
  KILL_SWITCH_DISABLED: {
    parse: flag,
    default: '0',
    form: '1 or 0',
    example: '1',
    description: 'Evaluate and count kill-switch rules but enforce none.',
  },
  SENTINEL_ENVIRONMENT: {
    parse: slug,
    form: '1 to 64 lower-case letters, digits, "-" and "_"',
    example: 'production',
    description:
      'Name of the environment this service runs as: the fact "environment", and which rules of one environment apply.',
  },
  SENTINEL_SERVICE: {
    parse: text,
    form: 'any text',
    example: 'orders-supergraph',
    description: 'The fact "service" of kill-switch rules.',
  },
  SENTINEL_CONTAINMENT: {
    parse: containment,
    default: '[]',
    form: 'a JSON list of policies {kinds, severity, key, condition, actionType, action, maxDurationSeconds, status}',
    example:
      '[{"kinds":["id_enumeration"],"severity":"high","key":"sweep","condition":"session.`x-hasura-user-id` == finding.user","maxDurationSeconds":3600}]',
    description:
      'Which detections switch a kill-switch rule on. The condition may ask for finding.role, finding.user, finding.dataset and finding.operation; such a rule ends by itself.',
  },
  SENTINEL_RULES_POLL_SECONDS: {
    parse: integer(1, 3_600),
    default: '2',
    form: 'seconds, 1 to 3600; a warning above 30',
    example: '2',
    description:
      'How often the database is asked whether kill-switch rules changed, by processes that no notification reaches. Rules count as stale after two polls without an answer.',
  },
  SENTINEL_BOOT_POLICY: {
    parse: oneOf('allow', 'block'),
    default: 'allow',
    form: 'allow or block',
    example: 'block',
    description:
      'What the hooks answer while the database is away at start and there is no snapshot of the kill-switch rules either.',
  },
  HASURA_BODY_LIMIT: {
    parse: integer(1_024, 1_073_741_824),
    default: '31457280',
    form: 'bytes, 1024 to 1073741824',
    example: '31457280',
    description: 'Largest NDC request.',
  },
  SENTINEL_HOOK_BODY_LIMIT: {
    parse: integer(1_024, 1_073_741_824),
    default: '52428800',
    form: 'bytes, 1024 to 1073741824',
    example: '52428800',
    description: 'Largest hook body that is analysed; larger ones continue unseen and are counted.',
  },
  SENTINEL_ANALYST: {
    parse: flag,
    default: '0',
    form: '1 or 0',
    example: '1',
    description:
      'Ask Claude for a second opinion on what is suspicious. Redacted data leave the company; nothing does without this switch and ANTHROPIC_API_KEY.',
  },
  ANTHROPIC_API_KEY: {
    parse: text,
    form: 'an API key',
    example: '(the key)',
    description: 'Key of the Messages API. Used only with SENTINEL_ANALYST=1.',
    secret: true,
  },
  CLAUDE_MODEL: {
    parse: text,
    default: DEFAULT_MODEL,
    form: 'a model id',
    example: DEFAULT_MODEL,
    description: 'The model asked. Compare models on cases of your own with `ndc-sentinel analyst-eval`.',
  },
  ANTHROPIC_BASE_URL: {
    parse: providerUrl,
    default: 'https://api.anthropic.com',
    form: 'an https address without credentials; http on this machine only',
    example: 'https://api.anthropic.com',
    description: 'Where the Messages API is, such as a gateway of your own.',
  },
  MAX_TOKENS: {
    parse: integer(4_000, 200_000),
    default: '8000',
    form: 'tokens, 4000 to 200000',
    example: '8000',
    description:
      'Largest prompt, by an estimate that is rather too high; what does not fit is left out, strangest records kept.',
  },
  MAX_RECORDS_PER_BATCH: {
    parse: integer(1, 500),
    default: '50',
    form: 'an integer, 1 to 500',
    example: '50',
    description: 'Flagged records told in one question; requests of the same shape and kind of finding share one.',
  },
  SENTINEL_ANALYST_ANSWER_TOKENS: {
    parse: integer(500, 32_000),
    default: '4096',
    form: 'tokens, 500 to 32000',
    example: '4096',
    description: "Largest answer, the model's thinking included.",
  },
  SENTINEL_ANALYST_EFFORT: {
    parse: oneOf(...ANALYST_EFFORTS),
    default: 'low',
    form: ANALYST_EFFORTS.join(', '),
    example: 'low',
    description: 'How much the model thinks; none for models without that setting.',
  },
  SENTINEL_ANALYST_TOKENS_PER_HOUR: {
    parse: integer(10_000, 1_000_000_000),
    default: '100000',
    form: 'tokens, 10000 to 1000000000',
    example: '100000',
    description: 'Tokens of all processes in any hour, input and output.',
  },
  SENTINEL_ANALYST_TOKENS_PER_DAY: {
    parse: integer(10_000, 1_000_000_000),
    default: '500000',
    form: 'tokens, 10000 to 1000000000',
    example: '500000',
    description: 'Tokens of all processes in any 24 hours.',
  },
  SENTINEL_ANALYST_PRICES: {
    parse: prices,
    form: 'prices per million tokens: input/output, or input/output/cache write/cache read',
    example: '1/5/1.25/0.1',
    description: 'What tokens cost, in any one currency: costs are then shown and can be limited.',
  },
  SENTINEL_ANALYST_COST_PER_DAY: {
    parse: decimal(0, 1_000_000),
    form: 'an amount above 0, in the currency of SENTINEL_ANALYST_PRICES',
    example: '5',
    description: 'Cost of all processes in any 24 hours; needs SENTINEL_ANALYST_PRICES.',
  },
  SENTINEL_ANALYST_SEVERITY: {
    parse: oneOf(...SEVERITIES),
    default: 'medium',
    form: SEVERITIES.join(', '),
    example: 'medium',
    description: 'Findings from this severity on are asked about.',
  },
  SENTINEL_ANALYST_SAMPLE: {
    parse: rate,
    default: '0.001',
    form: 'a share, 0 to 1',
    example: '0.001',
    description: 'Share of ordinary requests asked about, to find what statistics miss.',
  },
  SENTINEL_ANALYST_REPEAT_HOURS: {
    parse: integer(1, 720),
    default: '24',
    form: 'hours, 1 to 720',
    example: '24',
    description: 'The same query shape with the same kinds of findings is asked about once in this time.',
  },
  SENTINEL_ANALYST_LANGUAGE: {
    parse: language,
    default: 'English',
    form: 'a language by its English name',
    example: 'German',
    description: "Language of the model's texts.",
  },
  SENTINEL_ANALYST_REDACTION: {
    parse: oneOf('strict', 'personal'),
    default: 'strict',
    form: 'strict or personal',
    example: 'strict',
    description:
      'strict: no text of a record leaves, only its kind and length. personal: texts leave cut short, with personal data taken out.',
  },
  SENTINEL_ANALYST_EXCLUDED_DATASETS: {
    parse: patterns,
    default: '',
    form: 'regular expressions (RE2), separated by commas, searched anywhere in the name',
    example: 'payroll,patients',
    description: 'Datasets about which nothing is sent, nor about queries that read them.',
  },
  SENTINEL_ANALYST_WAIT_MS: {
    parse: integer(0, 120_000),
    default: '15000',
    form: 'milliseconds, 0 to 120000',
    example: '15000',
    description: 'Longest wait of POST /anomalies?wait=analysis for the opinion.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    parse: httpAddress,
    form: 'an http or https address',
    example: 'http://localhost:4317',
    description:
      'Where spans of hook and connector calls go. Unset: none are recorded. OTEL_EXPORTER_OTLP_HEADERS, its certificates, OTEL_TRACES_SAMPLER and OTEL_BSP_* apply as OpenTelemetry defines them.',
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: {
    parse: oneOf('grpc', 'http/protobuf'),
    default: 'grpc',
    form: 'grpc or http/protobuf',
    example: 'http/protobuf',
    description: 'How; grpc by default as in other connectors. Over HTTP /v1/traces is added to the address.',
  },
  OTEL_SERVICE_NAME: {
    parse: text,
    default: 'ndc-sentinel',
    form: 'any text',
    example: 'ndc-sentinel',
    description: 'Name under which the spans appear.',
  },
  OTEL_SDK_DISABLED: {
    parse: flag,
    default: 'false',
    form: 'true or false',
    example: 'true',
    description: 'Record no spans, whatever the endpoint.',
  },
  LOG_LEVEL: {
    parse: oneOf('debug', 'info', 'warning', 'error', 'silent'),
    default: 'info',
    form: 'debug, info, warning, error or silent',
    example: 'info',
    description: 'Log level. Bodies, rows, variables and secrets are never logged, at any level.',
  },
});

export type SettingName = keyof typeof SETTINGS;

export type SettingValues = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends { parse: (text: string) => infer T; default: string }
    ? T
    : (typeof SETTINGS)[Name] extends { parse: (text: string) => infer T }
      ? T | undefined
      : never;
};
