import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearestName } from '../core/kill-switch/nearest-name.ts';
import { type DatabaseLocation, parseDatabaseUrl } from '../schema/store/database-url.ts';
import { type Setting, type SettingName, type SettingValues, SETTINGS } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigurationFault {
  readonly variable: string;
  readonly fault: string;
  readonly example: string;
}

/** All faults of the environment together, so that one start shows everything there is to mend. */
export class ConfigurationError extends Error {
  readonly faults: readonly ConfigurationFault[];

  constructor(faults: readonly ConfigurationFault[]) {
    super(
      faults.map(({ variable, fault, example }) => `${variable} ${fault}. Example: ${variable}=${example}`).join('\n'),
    );
    this.faults = faults;
  }
}

/** The configuration in the units of the domain, frozen. */
export interface Configuration {
  readonly values: SettingValues;
  readonly database: DatabaseLocation;
  readonly alpha: number;
  readonly warnings: readonly string[];
  /** Where each value came from: `default`, the variable's name, or its `_FILE` twin. */
  readonly origins: Readonly<Record<SettingName, string>>;
}

/** What the original kill switch took to hear of a change. */
const SLOWEST_POLL_SECONDS = 30;

/** @throws ConfigurationError with every fault there is. */
export function readConfiguration(environment: Environment): Configuration {
  const faults: ConfigurationFault[] = [];
  const warnings: string[] = [...unknownNames(environment)];
  const values: Partial<Record<SettingName, unknown>> = {};
  const origins = {} as Record<SettingName, string>;
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
    const found = lookUp(name, setting, environment, faults);
    origins[name] = found.origin;
    values[name] = found.text === undefined ? undefined : parsed(name, setting, found.text, faults);
  }
  const settled = values as SettingValues;
  const { MINIMUM_TRAINING_RECORDS: minimum, MAX_HISTORICAL_RECORDS: kept } = settled;
  if (minimum > kept) {
    faults.push({
      variable: 'MINIMUM_TRAINING_RECORDS',
      fault: `is ${minimum}, and MAX_HISTORICAL_RECORDS keeps ${kept} of them: no model could ever be trained`,
      example: SETTINGS.MINIMUM_TRAINING_RECORDS.example,
    });
  }
  // Parts that are at fault themselves can't be put together; a URL stands alone.
  const database = settled.DATABASE_URL !== undefined || faults.length === 0 ? locate(settled, faults) : undefined;
  if (faults.length > 0 || !database) throw new ConfigurationError(faults);
  const alpha = settled.SENTINEL_ALPHA ?? settled.ANOMALY_THRESHOLD ?? 0.01;
  if (alpha > 0.02) {
    warnings.push(`a rate of ${alpha} flags ${(alpha * 100).toFixed(1)} % of ordinary records; 0.01 is usual`);
  }
  if (settled.SENTINEL_RULES_POLL_SECONDS > SLOWEST_POLL_SECONDS) {
    warnings.push(
      `rules are polled every ${settled.SENTINEL_RULES_POLL_SECONDS} s: so long a process may not know that one was switched on; ${SLOWEST_POLL_SECONDS} is the most that is usual`,
    );
  }
  return Object.freeze({
    values: Object.freeze(settled),
    database,
    alpha,
    warnings,
    origins: origins,
  });
}

function lookUp(
  name: SettingName,
  setting: Setting<unknown>,
  environment: Environment,
  faults: ConfigurationFault[],
): { text: string | undefined; origin: string } {
  // Compose files pass variables through empty: that is the same as absent.
  const given = environment[name];
  if (given !== undefined && given !== '') return { text: given, origin: name };
  const file = setting.secret ? environment[`${name}_FILE`] : undefined;
  if (file === undefined || file === '') return { text: setting.default, origin: 'default' };
  try {
    return { text: readFileSync(file, 'utf8').trimEnd(), origin: `${name}_FILE` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    faults.push({
      variable: `${name}_FILE`,
      fault: `names a file that can't be read (${code ?? 'unknown reason'})`,
      example: '/run/secrets/name',
    });
    return { text: undefined, origin: `${name}_FILE` };
  }
}

function parsed(name: SettingName, setting: Setting<unknown>, value: string, faults: ConfigurationFault[]): unknown {
  try {
    return setting.parse(value);
  } catch (error) {
    const shown = setting.secret ? '' : ` "${value.slice(0, 80)}"`;
    faults.push({
      variable: name,
      fault: `${(error as Error).message}:${shown} is not ${setting.form}`,
      example: setting.example,
    });
    return undefined;
  }
}

function locate(values: SettingValues, faults: ConfigurationFault[]): DatabaseLocation | undefined {
  try {
    return parseDatabaseUrl(values.DATABASE_URL ?? databaseUrlOf(values));
  } catch (error) {
    faults.push({
      variable: 'DATABASE_URL',
      fault: `is not usable: ${(error as Error).message}`,
      example: SETTINGS.DATABASE_URL.example,
    });
    return undefined;
  }
}

function databaseUrlOf(values: SettingValues): string {
  if (values.DB_HOST === undefined) return `sqlite:${join(values.ANOMALY_DETECTION_DATA, 'sentinel.db')}`;
  const url = new URL(`postgresql://${values.DB_HOST}:${values.DB_PORT}/${encodeURIComponent(values.DB_NAME)}`);
  url.username = encodeURIComponent(values.DB_USER);
  if (values.DB_PASSWORD !== undefined) url.password = encodeURIComponent(values.DB_PASSWORD);
  for (const [name, value] of Object.entries(values.DB_CONNECT_ARGS ?? {})) url.searchParams.set(name, String(value));
  return url.href;
}

/** A misspelt SENTINEL_ variable would otherwise be ignored without a word. */
function unknownNames(environment: Environment): string[] {
  const known = Object.keys(SETTINGS);
  return Object.keys(environment)
    .filter((name) => name.startsWith('SENTINEL_') && !known.includes(name.replace(/_FILE$/, '')))
    .map((name) => {
      const nearest = nearestName(name, known);
      return `${name} is not a setting${nearest === null ? '' : `; did you mean ${nearest}?`}`;
    });
}
