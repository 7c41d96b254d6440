import { Command, InvalidArgumentError } from 'commander';
import type { AnalystEvalFlags } from './cli/analyst-eval.ts';
import type { DemoFlags } from './cli/demo.ts';
import type { DetectFlags } from './cli/detect.ts';
import { runServe } from './cli/serve.ts';
import type { TokenFlags } from './cli/token.ts';

/** The command line. Each command is loaded when it is called: `conditions` must not pay for a database driver. */
const program = new Command('ndc-sentinel')
  .description('Anomaly detection and kill switches for Hasura DDN.')
  .version('0.1.0')
  .showHelpAfterError();

program
  .command('serve', { isDefault: true })
  .description('start the connector (8080) and the hooks and API (8787)')
  .action(() => runServe(process.env));

program
  .command('migrate')
  .description('bring the database up to date, or say what would be done')
  .option('--dry-run', 'only list what is pending')
  .action(async (options: { dryRun?: boolean }) => (await import('./cli/migrate.ts')).runMigrate(process.env, options));

program
  .command('demo')
  .description('play two weeks of recorded-looking traffic with planted anomalies, and show what was found')
  .option('--url <url>', 'hooks and API of a running service with SENTINEL_EVENT_TIME_HEADER=x-sentinel-event-time')
  .option('--ndc-url <url>', 'its connector', 'http://127.0.0.1:8080')
  .option('--token <token>', 'a token of its GraphQL API')
  .action(async (options: DemoFlags) => (await import('./cli/demo.ts')).runDemo(options));

program
  .command('config')
  .description('print the effective configuration, secrets masked, and where each value came from')
  .action(async () => (await import('./cli/config.ts')).runConfig(process.env));

program
  .command('metadata')
  .description('write the DDN metadata (HML) of the connector and the hooks')
  .option('--out <folder>', 'where to', 'metadata/ddn')
  .option('--check', 'write nothing; fail if the files there are not current')
  .action(async (options: { out: string; check?: boolean }) =>
    (await import('./cli/metadata.ts')).runMetadata(options),
  );

program
  .command('print-schema-and-capabilities')
  .description('print the NDC schema and capabilities as JSON; needs no database')
  .action(async () => (await import('./cli/print-schema.ts')).runPrintSchema());

program
  .command('detect <file>')
  .description('score the records of a csv or jsonl file, plain or gzipped')
  .option('--label <column>', 'column with 1 for an anomaly: prints AUROC and average precision')
  .option(
    '--protocol <protocol>',
    'mixed: fit on all rows; novelty: fit on half of the normal rows',
    oneOf('mixed', 'novelty'),
    'mixed',
  )
  .option('--seeds <n>', 'repetitions the measures are averaged over', integerFrom(1, 100), 1)
  .option('--detector <detector>', 'forest, neighbours or joined', oneOf('forest', 'neighbours', 'joined'), 'joined')
  .option('--json', 'print one JSON object')
  .action(async (file: string, options: DetectFlags) => (await import('./cli/detect.ts')).runDetect(file, options));

program
  .command('conditions <cases>')
  .description(
    'evaluate kill-switch conditions over a jsonl file of cases; exit 1 where one differs from what it expects',
  )
  .action(async (file: string) => (await import('./cli/conditions.ts')).runConditions(file));

program
  .command('analyst-eval <cases>')
  .description('run recorded cases against the configured model, or recorded answers, and print precision and recall')
  .option('--answers <file>', 'jsonl of recorded answers: no model is asked')
  .option('--json', 'further lines as JSON, one per case')
  .action(async (cases: string, options: AnalystEvalFlags) =>
    (await import('./cli/analyst-eval.ts')).runAnalystEvalCommand(process.env, cases, options),
  );

program
  .command('doctor')
  .description('check configuration, database, credentials and the model provider; exit 1 where something is wrong')
  .action(async () => (await import('./cli/doctor.ts')).runDoctor(process.env));

const token = program.command('token').description('tokens of GraphQL and REST');
token
  .command('create <name>')
  .description('create a token and print it once')
  .option('--role <role>', 'viewer, operator or admin', oneOf('viewer', 'operator', 'admin'), 'viewer')
  .option('--days <n>', 'days until it expires', integerFrom(1, 3_650))
  .action(async (name: string, options: TokenFlags) =>
    (await import('./cli/token.ts')).runTokenCreate(process.env, name, options),
  );
token
  .command('list')
  .description('list tokens by name')
  .action(async () => (await import('./cli/token.ts')).runTokenList(process.env));
token
  .command('revoke <name>')
  .description('make a token void')
  .action(async (name: string) => (await import('./cli/token.ts')).runTokenRevoke(process.env, name));

function oneOf<const T extends string>(...allowed: readonly T[]) {
  return (value: string): T => {
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw new InvalidArgumentError(`Allowed: ${allowed.join(', ')}.`);
    return found;
  };
}

function integerFrom(from: number, to: number) {
  return (value: string): number => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < from || number > to)
      throw new InvalidArgumentError(`Allowed: ${from} to ${to}.`);
    return number;
  };
}

await program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`ndc-sentinel: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
