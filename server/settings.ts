import { resolve } from 'node:path';

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

function oneOf<const T extends string>(...values: readonly T[]) {
  return (text: string): T => values.find((value) => value === text.trim().toLowerCase()) ?? fault('is not allowed');
}

const text = (value: string): string => value;

function flag(value: string): boolean {
  const known: Record<string, boolean> = { '1': true, true: true, yes: true, '0': false, false: false, no: false };
  return known[value.trim().toLowerCase()] ?? fault('is not allowed');
}

function patterns(value: string): readonly string[] {
  return value
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
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
    form: 'sqlite:<path> or postgresql://user:password@host:port/database',
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
    description: 'Deadline of a synchronous hook; on expiry the request continues.',
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
