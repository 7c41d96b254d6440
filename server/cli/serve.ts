import { startApplication } from '../application.ts';
import { type Environment, readConfiguration } from '../configuration.ts';
import { createLog } from '../log.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Runs until told to stop. The first signal drains, the second ends the process at once. */
export async function runServe(environment: Environment): Promise<void> {
  const configuration = readConfiguration(environment);
  const log = createLog(configuration.values.LOG_LEVEL);
  const application = await startApplication({ configuration, log });
  for (const note of application.notes) process.stdout.write(`${note}\n`);

  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    const left = await application.stop(configuration.values.SENTINEL_SHUTDOWN_SECONDS * 1_000);
    for (const what of left) process.stderr.write(`ndc-sentinel: left behind: ${what}\n`);
    process.exit(left.length === 0 ? 0 : 1);
  };
  for (const signal of SIGNALS) process.on(signal, () => void stop(signal));
}
