import { unprocessable } from '../../domain/errors.ts';
import { DDN_NAMESPACE, type KillSwitchRule } from '../../domain/kill-switch-rule.ts';
import { listOf, nullable, type ObjectDef, objectOf, scalar } from '../../domain/kind.ts';
import { type Clock, formatInstant, HOUR } from '../../domain/time.ts';
import { compileRule, type CompiledRule } from '../../kill-switch/compile-rule.ts';
import { checkCondition } from '../../kill-switch/condition.ts';
import { FACT_SCHEMAS } from '../../kill-switch/ddn-facts.ts';
import { type Failures, judgeRule, questionAbout } from '../../kill-switch/judge-rule.ts';
import { dependencies } from '../../kill-switch/varying-facts.ts';
import { conditionRefused } from '../../kill-switch/fault.ts';
import type { EvidenceReader, StoredFact } from '../ports/evidence.ts';
import { argument, candidateRule } from './rule-arguments.ts';
import type { Verb } from './verb.ts';

const text = scalar('string');

export const REPLAY_OBJECTS: readonly ObjectDef[] = [
  {
    name: 'kill_switch_replay',
    description: 'What a condition would have done to the requests of the last hours.',
    fields: [
      argument('evaluated', scalar('int32'), 'Requests it was asked about.'),
      argument('matched', scalar('int32'), 'Requests it matches.'),
      argument('share', scalar('float64'), 'Matched among evaluated. Unit: 0–1.'),
      argument('errors', scalar('int32'), 'Requests for which it could not be evaluated.'),
      argument('error_messages', listOf(text), 'Distinct reasons of that, at most 5.'),
      argument('top_roles', listOf(objectOf('replay_share')), 'Roles with the most matches, at most 10.'),
      argument('top_operations', listOf(objectOf('replay_share')), 'Operations or collections with the most matches.'),
      argument('samples', listOf(text), 'Ids of matching requests in request_log, newest first, at most 20.'),
      argument('oldest', nullable(scalar('timestamp')), 'Time of the oldest request looked at.'),
      argument(
        'not_kept',
        listOf(text),
        'Names in the condition whose values the log does not keep, at least of some of these requests: they read as absent, so the share may be too low or too high.',
      ),
    ],
  },
  {
    name: 'replay_share',
    description: 'How often a value occurs among the matches of a replay.',
    fields: [argument('name', text, 'The value.'), argument('matches', scalar('int32'), 'Matches with it.')],
  },
];

const MAX_REQUESTS = 50_000;
const PAGE = 500;

export interface ReplayDeps {
  readonly clock: Clock;
  pause(): Promise<void>;
}

export function replayVerb({ clock, pause }: ReplayDeps): Verb {
  return {
    name: 'kill_switch_replay',
    kind: 'function',
    description:
      'Tries a condition of the namespace ddn on the logged requests of the last hours, newest first, at most 50000, without any effect.',
    arguments: [
      argument('condition', text, 'The condition.'),
      argument('except_condition', nullable(text), 'Not where this is true.'),
      argument('hours', nullable(scalar('int32')), 'How far back, 1 to 720; 24 by default.'),
    ],
    result: objectOf('kill_switch_replay'),
    role: 'viewer',
    run: async ({ condition, except_condition, hours }, { tx }) => {
      const span = (hours as number | null) ?? 24;
      if (span < 1 || span > 720) {
        throw unprocessable('HOURS', `hours is ${span}; expected 1 to 720.`, { path: 'hours' });
      }
      const compiled = compileCandidate(condition as string, except_condition as string | null);
      const counts = createCounts();
      for await (const fact of storedFacts(tx.evidence, clock.now() - span * HOUR, pause)) counts.add(compiled, fact);
      return counts.result(notKept(condition as string, except_condition as string | null));
    },
  };
}

async function* storedFacts(
  evidence: EvidenceReader,
  since: number,
  pause: () => Promise<void>,
): AsyncGenerator<StoredFact> {
  let before: StoredFact | null = null;
  for (let read = 0; read < MAX_REQUESTS; read += PAGE) {
    const page: readonly StoredFact[] = await evidence.facts(since, PAGE, before);
    yield* page;
    before = page.at(-1) ?? null;
    if (before === null) return;
    await pause();
  }
}

function createCounts() {
  let [evaluated, matched, errors, withoutArguments, oldest] = [0, 0, 0, 0, Infinity];
  const messages = new Set<string>();
  const roles = new Map<string, number>();
  const operations = new Map<string, number>();
  const samples = new Set<string>();
  const count = (counts: Map<string, number>, name: unknown) => {
    if (typeof name === 'string') counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  return {
    add(compiled: CompiledRule, { id, at, fact, varying }: StoredFact): void {
      const { stages, reads } = compiled;
      // A rule on NDC names is asked about NDC requests, one on GraphQL names about GraphQL ones.
      const isNdc = typeof fact['collection'] === 'string';
      if (stages !== null && !stages.some((stage) => stage.startsWith('pre-ndc') === isNdc)) return;
      evaluated++;
      oldest = Math.min(oldest, at);
      if (varying === null) withoutArguments++;
      const failures: Failures = { condition: null, except: null };
      const question = { ...questionAbout(fact, at), varying: dependencies(varying ?? [], reads) };
      const verdict = judgeRule(compiled, question, failures);
      if (failures.condition !== null) {
        errors++;
        if (messages.size < 5) messages.add(failures.condition);
      }
      if (verdict === 'no_match') return;
      matched++;
      count(roles, fact['role']);
      count(operations, isNdc ? fact['collection'] : fact['operationName']);
      if (samples.size < 20) samples.add(id);
    },
    result: (namesNotKept: readonly string[]) => ({
      evaluated,
      matched,
      share: evaluated === 0 ? 0 : matched / evaluated,
      errors,
      error_messages: [...messages],
      top_roles: top(roles),
      top_operations: top(operations),
      samples: [...samples],
      oldest: Number.isFinite(oldest) ? formatInstant(oldest) : null,
      not_kept: namesNotKept.filter((name) => !OF_ARGUMENTS.has(name) || withoutArguments > 0 || evaluated === 0),
    }),
  };
}

function top(counts: ReadonlyMap<string, number>) {
  return [...counts]
    .sort(([, left], [, right]) => right - left)
    .slice(0, 10)
    .map(([name, matches]) => ({ name, matches }));
}

function compileCandidate(condition: string, except: string | null): CompiledRule {
  const rule: KillSwitchRule = {
    ...candidateRule(DDN_NAMESPACE),
    condition,
    except,
    action: { type: 'log' },
    status: 'dry_run',
  };
  const compilation = compileRule(rule);
  if (compilation.ok) return compilation.compiled;
  const { field } = compilation.error;
  throw conditionRefused(compilation.error, field === 'except' ? 'except_condition' : 'condition');
}

/** Kept where the configuration allows argument values. */
const OF_ARGUMENTS: ReadonlySet<string> = new Set(['arguments', 'limit']);

/** What a logged request lacks, or has without values. */
const NOT_LOGGED: ReadonlySet<string> = new Set([
  'environment',
  'service',
  'headers',
  'variables',
  'arguments',
  'limit',
]);

function notKept(...conditions: readonly (string | null)[]): string[] {
  const names = conditions.flatMap((text) => {
    const checked = text === null ? null : checkCondition(text, { schema: FACT_SCHEMAS.get(DDN_NAMESPACE) ?? null });
    return checked?.ok ? checked.condition.names : [];
  });
  return [...new Set(names)].filter((name) => NOT_LOGGED.has(name));
}
