import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { openReader } from '../schema/readers/open-reader.ts';
import type { Reader } from '../schema/readers/reader.ts';
import { startCheckpointer } from '../schema/store/checkpointer.ts';
import { type Database, openDatabase } from '../schema/store/database.ts';
import type { DatabaseLocation } from '../schema/store/database-url.ts';
import type { Log } from './log.ts';

/** The connections of the service: one that writes, those that read, and on SQLite the thread that checkpoints. */
export interface Storage {
  readonly database: Database;
  readonly reader: Reader;
  /** Closes what reads and checkpoints; the store closes the database. False as in `Reader.close`. */
  stop(): Promise<boolean>;
}

/** Opens and migrates the database. A migration that fails leaves no connection behind. */
export async function openStorage(location: DatabaseLocation, log: Log): Promise<Storage> {
  if (location.dialect === 'sqlite') mkdirSync(dirname(location.path), { recursive: true });
  const database = await openDatabase(location);
  try {
    await database.migrate();
  } catch (error) {
    await database.close();
    throw error;
  }
  const reader = await openReader(location);
  const checkpointer =
    location.dialect === 'sqlite'
      ? startCheckpointer(location.path, (error) =>
          log.error({ err: error }, 'the checkpoint thread ended; commits checkpoint themselves'),
        )
      : undefined;
  return {
    database,
    reader,
    async stop() {
      await checkpointer?.stop();
      return reader.close();
    },
  };
}
