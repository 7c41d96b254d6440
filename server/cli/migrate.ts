import type { Environment } from '../configuration.ts';
import { withDatabase } from './storage.ts';

export async function runMigrate(
  environment: Environment,
  { dryRun = false }: { readonly dryRun?: boolean },
): Promise<void> {
  await withDatabase(environment, async (database) => {
    const names = dryRun ? await database.pendingMigrations() : await database.migrate();
    const what = dryRun ? 'pending' : 'applied';
    process.stdout.write(
      names.length === 0
        ? `nothing ${dryRun ? 'pending' : 'to apply'}\n`
        : names.map((name) => `${what} ${name}\n`).join(''),
    );
  });
}
