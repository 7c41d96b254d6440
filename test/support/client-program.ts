import { createInterface } from 'node:readline';
import { createKillSwitchClient } from '../../client/kill-switch-client.ts';

/**
 * A program of somebody else that asks the kill switch: started as its own process by the tests. Reads one fact per line,
 * answers `{matches, rule, revision, status}` per line; the first line says how its start went.
 */
const [url, namespace, snapshot] = process.argv.slice(2) as [string, string, string];
const client = createKillSwitchClient({ url, namespace, snapshot, refreshSeconds: 1 });
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

try {
  await client.start();
  say({ started: true, revision: client.revision, status: client.status });
} catch (error) {
  say({ started: false, message: (error as Error).message });
}
for await (const line of createInterface({ input: process.stdin })) {
  const { matched, terminal } = client.evaluate(JSON.parse(line) as object);
  say({
    matches: matched.length > 0,
    rule: terminal?.ruleKey ?? null,
    revision: client.revision,
    status: client.status,
  });
}
await client.close();
