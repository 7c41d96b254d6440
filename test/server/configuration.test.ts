import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, readConfiguration } from '../../server/configuration.ts';
import { listenAddress, OpenListenerError } from '../../server/listen-address.ts';

function faultsOf(environment: Record<string, string>): readonly { variable: string; fault: string }[] {
  try {
    readConfiguration(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  it('needs nothing: an embedded file below ./data', () => {
    const { database, alpha, values, warnings } = readConfiguration({});
    expect(database).toEqual({ dialect: 'sqlite', path: resolve('data/sentinel.db') });
    expect([alpha, values.PORT, values.HASURA_CONNECTOR_PORT, warnings]).toEqual([0.01, 8787, 8080, []]);
  });

  it('treats an empty variable as an absent one, as compose files pass them', () => {
    const { values } = readConfiguration({ PORT: '', M_AUTH_KEY: '', DATABASE_URL: '' });
    expect([values.PORT, values.M_AUTH_KEY]).toEqual([8787, undefined]);
  });

  it("builds the URL from the original plugin's DB_* names, encoding what needs it", () => {
    const { database } = readConfiguration({
      DB_HOST: 'db',
      DB_USER: 'us er',
      DB_PASSWORD: 'p@ss/word',
      DB_NAME: 'anomalies',
      DB_CONNECT_ARGS: '{"sslmode":"require"}',
    });
    expect(database).toEqual({
      dialect: 'postgresql',
      url: 'postgresql://us%20er:p%40ss%2Fword@db:5432/anomalies?sslmode=require',
    });
  });

  it.each([
    ['PORT', '99999'],
    ['SENTINEL_ALPHA', '0'],
    ['SENTINEL_HISTORY', 'everything'],
    ['LOG_LEVEL', 'loud'],
    ['DB_CONNECT_ARGS', '[1]'],
    ['KILL_SWITCH_DISABLED', 'maybe'],
    ['DATABASE_URL', 'oracle://x'],
    ['EXCLUDED_DATASETS', 'dq_.*,(unclosed'],
  ])('refuses %s=%s by name', (variable, value) => {
    expect(faultsOf({ [variable]: value }).map((fault) => fault.variable)).toEqual([variable]);
  });

  it('names all faults together', () => {
    expect(faultsOf({ PORT: 'x', HISTORICAL_RETENTION_DAYS: '0', DATABASE_URL: 'nowhere' })).toHaveLength(3);
  });

  it('never shows a secret, not even a wrong one', () => {
    const [fault] = faultsOf({ DATABASE_URL: 'mysql://root:hunter2@host/db' });
    expect(JSON.stringify(fault)).not.toContain('hunter2');
  });

  it('reads a secret from a file, and says when it can not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sentinel-'));
    writeFileSync(join(folder, 'key'), 'secret\n');
    const { values, origins } = readConfiguration({ M_AUTH_KEY_FILE: join(folder, 'key') });
    expect([values.M_AUTH_KEY, origins.M_AUTH_KEY]).toEqual(['secret', 'M_AUTH_KEY_FILE']);
    rmSync(folder, { recursive: true });
    expect(faultsOf({ M_AUTH_KEY_FILE: '/nowhere' })).toMatchObject([{ variable: 'M_AUTH_KEY_FILE' }]);
  });

  it('takes the old threshold as a rate, and warns where it is high', () => {
    const { alpha, warnings } = readConfiguration({ ANOMALY_THRESHOLD: '0.1' });
    expect(alpha).toBe(0.1);
    expect(warnings[0]).toContain('flags 10.0 % of ordinary records');
    expect(readConfiguration({ ANOMALY_THRESHOLD: '0.1', SENTINEL_ALPHA: '0.005' }).alpha).toBe(0.005);
  });

  it('takes a slow poll of the rules, and warns of one that is slower than usual', () => {
    const warningsAt = (seconds: string) => readConfiguration({ SENTINEL_RULES_POLL_SECONDS: seconds }).warnings;
    expect(warningsAt('30')).toEqual([]);
    expect(warningsAt('31')).toEqual([expect.stringContaining('polled every 31 s')]);
    expect(faultsOf({ SENTINEL_RULES_POLL_SECONDS: '0' })).toMatchObject([{ variable: 'SENTINEL_RULES_POLL_SECONDS' }]);
  });

  it('refuses to wait for more records than it keeps: there would never be a model', () => {
    expect(() => readConfiguration({ MINIMUM_TRAINING_RECORDS: '2001' })).toThrow(
      'MINIMUM_TRAINING_RECORDS is 2001, and MAX_HISTORICAL_RECORDS keeps 2000 of them: no model could ever be trained',
    );
    expect(readConfiguration({ MINIMUM_TRAINING_RECORDS: '2000' }).values.MINIMUM_TRAINING_RECORDS).toBe(2_000);
  });

  it('points out a misspelt name', () => {
    expect(readConfiguration({ SENTINEL_ALFA: '0.01' }).warnings).toEqual([
      'SENTINEL_ALFA is not a setting; did you mean SENTINEL_ALPHA?',
    ]);
  });
});

describe('the address of a listener', () => {
  const wish = {
    listener: 'connector',
    port: 8080,
    host: undefined,
    hostVariable: 'HASURA_CONNECTOR_HOST',
    secretVariable: 'HASURA_SERVICE_TOKEN_SECRET',
    hasSecret: false,
  };

  it.each([
    [{ hasSecret: true }, '::'],
    [{ hasSecret: true, host: '10.0.0.1' }, '10.0.0.1'],
    [{}, '127.0.0.1'],
    [{ host: 'localhost' }, 'localhost'],
    [{ host: '::1' }, '::1'],
    [{ host: '127.0.0.2' }, '127.0.0.2'],
  ])('with %j is %s', (given, host) => {
    expect(listenAddress({ ...wish, ...given }).host).toBe(host);
  });

  it.each(['0.0.0.0', '::', '192.168.1.2', '127.evil.example', 'example.org'])(
    'is refused without a secret for %s',
    (host) => {
      expect(() => listenAddress({ ...wish, host })).toThrow(OpenListenerError);
    },
  );
});
