import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Database, openDatabase } from '../../schema/store/database.ts';
import { readConfiguration, type Environment } from '../configuration.ts';

/** Opens the configured database for a command that runs beside or without the service. */
export async function withDatabase<T>(environment: Environment, run: (database: Database) => Promise<T>): Promise<T> {
  const { database: location } = readConfiguration(environment);
  if (location.dialect === 'sqlite') mkdirSync(dirname(location.path), { recursive: true });
  const database = await openDatabase(location);
  try {
    return await run(database);
  } finally {
    await database.close();
  }
}
