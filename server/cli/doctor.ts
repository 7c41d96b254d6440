import { existsSync } from 'node:fs';
import { systemClock } from '../../core/domain/time.ts';
import { openDatabase } from '../../schema/store/database.ts';
import { analystWarnings, configuredModel } from '../analyst.ts';
import { type Configuration, ConfigurationError, type Environment, readConfiguration } from '../configuration.ts';
import type { ListenAddress } from '../listen-address.ts';
import { apiAddressOf, connectorAddressOf } from '../listener-addresses.ts';

interface Check {
  readonly name: string;
  /** Says how things stand; rejects with what is wrong and how to mend it. */
  run(): Promise<string>;
}

/** Checks what the service will need, one line each, without starting it. */
export async function runDoctor(environment: Environment): Promise<void> {
  const configuration = configurationOf(environment);
  if (!configuration) return;
  for (const { name, run } of checksOf(configuration)) {
    const { ok, text } = await run().then(
      (said) => ({ ok: true, text: said }),
      (error: unknown) => ({ ok: false, text: (error as Error).message }),
    );
    if (!ok) process.exitCode = 1;
    process.stdout.write(`${ok ? 'ok    ' : 'WRONG '} ${name}: ${text}\n`);
  }
  for (const warning of [...configuration.warnings, ...analystWarnings(configuration.values)]) {
    process.stdout.write(`note   ${warning}\n`);
  }
}

function configurationOf(environment: Environment): Configuration | undefined {
  try {
    return readConfiguration(environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const { variable, fault } of error.faults) process.stdout.write(`WRONG  ${variable}: ${fault}\n`);
    process.exitCode = 1;
    return undefined;
  }
}

function checksOf({ values, database: location }: Configuration): Check[] {
  return [
    { name: 'node', run: async () => process.versions.node },
    { name: 'connector', run: async () => addressText(connectorAddressOf(values)) },
    { name: 'hooks, API', run: async () => addressText(apiAddressOf(values)) },
    {
      name: `database (${location.dialect})`,
      run: async () => {
        if (location.dialect === 'sqlite' && !existsSync(location.path)) return 'a new file, made at the first start';
        const database = await openDatabase(location);
        try {
          const pending = await database.pendingMigrations();
          return pending.length === 0
            ? 'answers, migrated'
            : `answers; ${pending.length} migrations are applied at start`;
        } finally {
          await database.close();
        }
      },
    },
    {
      name: 'model provider',
      run: async () => {
        const model = await configuredModel(values);
        if (!model) return 'off';
        const startedAt = systemClock.now();
        const check = await model.check();
        if (!check.ok) throw new Error(check.message);
        return `${values.CLAUDE_MODEL} answers (${systemClock.now() - startedAt} ms)`;
      },
    },
  ];
}

function addressText({ host, port, note }: ListenAddress): string {
  return `${host}:${port}${note === null ? '' : ` (${note})`}`;
}
