import { systemClock } from '../../core/domain/time.ts';
import { isAwayForWriting } from '../../schema/database-away.ts';
import { RUNNING_STATEMENT, type RunningApplication, startApplication } from '../application.ts';
import { type Configuration, type Environment, readConfiguration } from '../configuration.ts';
import { apiAddressOf } from '../listener-addresses.ts';
import { createLog, type Log } from '../log.ts';
import { startStandby } from '../standby.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const RETRY_MS = 1_000;

/** Runs until told to stop. The first signal drains, the second ends the process at once. */
export async function runServe(environment: Environment): Promise<void> {
  const configuration = readConfiguration(environment);
  const log = createLog(configuration.values.LOG_LEVEL);
  let application: RunningApplication | undefined;

  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    const left = (await application?.stop(configuration.values.SENTINEL_SHUTDOWN_SECONDS * 1_000)) ?? [];
    for (const what of left) process.stderr.write(`ndc-sentinel: left behind: ${what}\n`);
    // What is to be written is written by now.
    if (left.includes(RUNNING_STATEMENT)) process.kill(process.pid, 'SIGKILL');
    process.exit(left.length === 0 ? 0 : 1);
  };
  // A guard that dies takes the API with it: what nobody awaited is a defect to be told, and no reason to stop.
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected that nobody awaited'));
  for (const signal of SIGNALS) process.on(signal, () => void stop(signal));

  try {
    application = await start(configuration, log);
  } catch (error) {
    // What was opened before the failure (a listener, a pool, a thread) would keep the process alive.
    process.stderr.write(`ndc-sentinel: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
  for (const note of application.notes) process.stdout.write(`${note}\n`);
}

/** Starts at once, or as soon as the database answers; until then the stand-by answers the hooks. */
async function start(configuration: Configuration, log: Log): Promise<RunningApplication> {
  try {
    return await startApplication({ configuration, log });
  } catch (error) {
    if (!isAwayForWriting(error)) throw error;
    log.error({ err: error }, 'the database does not answer at start');
  }
  const { values } = configuration;
  const standby = await startStandby({ values, address: apiAddressOf(values), clock: systemClock, log });
  process.stdout.write(`stand-by   ${standby.url}  (the database does not answer; ${standby.basis})\n`);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    try {
      return await startApplication({ configuration, log, standby });
    } catch (error) {
      if (isAwayForWriting(error)) continue;
      await standby.close();
      throw error;
    }
  }
}
