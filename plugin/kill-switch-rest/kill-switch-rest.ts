import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { property } from '../../core/document/foreign-object.ts';
import type { Actor } from '../../core/domain/actor.ts';
import { badRequest, notFound } from '../../core/domain/errors.ts';
import {
  DDN_NAMESPACE,
  type KillSwitchRule,
  RULE_STATUSES,
  type RuleStatus,
} from '../../core/domain/kill-switch-rule.ts';
import { camelCase } from '../../core/domain/spelling.ts';
import { isStorableText } from '../../core/domain/text.ts';
import { ruleFromRow, ruleRow } from '../../core/kill-switch/rule-row.ts';
import type { RuleFilter } from '../../core/services/ports/rules.ts';
import type { Transaction } from '../../core/services/ports/store.ts';
import { CLEARABLE } from '../../core/services/verbs/rule-arguments.ts';
import { type Identify, createIdentify, requireRole } from '../rest/credentials.ts';
import { type Method, refuseOtherMethods, setRestErrorHandler } from '../rest/rest-errors.ts';
import { headerOf } from '../trace-context.ts';
import { evaluate } from './evaluate.ts';
import type { KillSwitchRestOptions, KillSwitchRestServices } from './kill-switch-rest-services.ts';
import { createRuleStreams } from './rule-stream.ts';
import { type Body, bodyOf, camelResult, runVerbOf } from './verb-body.ts';

const BODY_LIMIT_BYTES = 1_024 * 1_024;

/** One call, its caller known. */
interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly actor: Actor;
  readonly services: KillSwitchRestServices;
}

interface Route {
  readonly method: Method;
  readonly url: string;
  readonly answer: (call: Call) => Promise<unknown>;
}

/** The kill switch for programs and scripts: everything goes through the verbs that NDC and GraphQL run. */
export function registerKillSwitchRest(
  app: FastifyInstance,
  services: KillSwitchRestServices,
  options: KillSwitchRestOptions,
): void {
  const identify = createIdentify(services, options.secret);
  void app.register((scope, _, done) => {
    setRestErrorHandler(scope, services);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, parsed) => parsed(null, text));
    for (const { method, url, answer } of ROUTES) {
      scope.route({
        method,
        url,
        bodyLimit: BODY_LIMIT_BYTES,
        exposeHeadRoute: false,
        handler: async (request, reply) =>
          answer({ request, reply, services, actor: await requireRole(identify, request, 'viewer') }),
      });
    }
    registerStream(scope, services, identify);
    for (const [url, routes] of Map.groupBy(ROUTES, (route) => route.url)) {
      refuseOtherMethods(scope, services, url, [...new Set(routes.map((route) => route.method))]);
    }
    done();
  });
}

function registerStream(scope: FastifyInstance, services: KillSwitchRestServices, identify: Identify): void {
  const stream = createRuleStreams(scope, {
    enforced: services.enforced,
    event: (revision) => ({ name: 'rules', data: { revision } }),
    onAlive: (namespace) => services.programs.noteHolder(namespace),
  });
  scope.get('/kill-switch/stream', { exposeHeadRoute: false }, async (request, reply) => {
    await requireRole(identify, request, 'viewer');
    stream(request, reply, textParameter(request, 'namespace'));
  });
  refuseOtherMethods(scope, services, '/kill-switch/stream', ['GET']);
}

const ROUTES: readonly Route[] = [
  {
    method: 'POST',
    url: '/kill-switch/evaluate',
    answer: async ({ request, services }) => evaluate(services, bodyOf(request)),
  },
  { method: 'POST', url: '/kill-switch/check-condition', answer: asks('kill_switch_check_condition') },
  { method: 'POST', url: '/kill-switch/check-rule', answer: asks('kill_switch_check_rule') },
  { method: 'POST', url: '/kill-switch/replay', answer: asks('kill_switch_replay') },
  { method: 'GET', url: '/kill-switch/propagation', answer: propagation },
  { method: 'GET', url: '/kill-switch/rules', answer: listRules },
  { method: 'POST', url: '/kill-switch/rules', answer: createRule },
  { method: 'GET', url: '/kill-switch/rules/:key', answer: getRule },
  { method: 'PATCH', url: '/kill-switch/rules/:key', answer: updateRule },
  { method: 'POST', url: '/kill-switch/rules/:key/activate', answer: changes('activate_kill_switch_rule') },
  { method: 'POST', url: '/kill-switch/rules/:key/deactivate', answer: changes('deactivate_kill_switch_rule') },
  { method: 'POST', url: '/kill-switch/rules/:key/archive', answer: changes('archive_kill_switch_rule') },
];

interface VerbCall {
  readonly body: Body;
  readonly run: (name: string, body: Body, fromPath?: Body) => Promise<unknown>;
  readonly tx: Transaction;
}

function inTransaction<T>(call: Call, run: (call: VerbCall) => Promise<T>): Promise<T> {
  return within(call, call.services.transaction, run);
}

function inSnapshot<T>(call: Call, run: (call: VerbCall) => Promise<T>): Promise<T> {
  return within(call, call.services.snapshot, run);
}

function within<T>(
  { request, actor, services }: Call,
  open: KillSwitchRestServices['transaction'],
  run: (call: VerbCall) => Promise<T>,
): Promise<T> {
  const body = bodyOf(request);
  return open<T>((tx) =>
    run({
      body,
      tx,
      run: (name, given, fromPath = {}) => runVerbOf(services.verbs, name, given, fromPath, { actor, tx }),
    }),
  );
}

/** A function with the body as arguments. */
function asks(name: string): Route['answer'] {
  return (call) => inSnapshot(call, async ({ body, run }) => camelResult(await run(name, body)));
}

async function propagation(call: Call): Promise<unknown> {
  const revision = integerParameter(call.request, 'revision');
  return inSnapshot(call, async ({ run }) => camelResult(await run('kill_switch_propagation', { revision })));
}

/** `since` gives what changed after a revision, whatever became of it: what a client needs to catch up. */
async function listRules({ request, reply, services }: Call): Promise<unknown> {
  const namespace = textParameter(request, 'namespace');
  const since = integerParameter(request, 'since');
  const statuses = statusesOf(request);
  // Whoever reads the rules of a namespace may evaluate them, and would not tell what matches.
  if (namespace !== null) services.programs.noteHolder(namespace);
  const known = headerOf(request.headers, 'if-none-match');
  if (known !== null) {
    const current = entityTag(await services.rules.revision());
    if (isAmong(known, current)) return reply.code(304).header('etag', current).send();
  }
  const filter: RuleFilter = {
    ...(namespace !== null && { namespace }),
    ...(since !== null && { since }),
    ...(statuses !== null && { statuses }),
  };
  const { revision, rules } = await services.rules.list(filter);
  void reply.header('etag', entityTag(revision)).header('cache-control', 'no-cache');
  return { revision, rules: rules.map(shown) };
}

/** The revision is that of all rules, so one that did not change says that no answer did. */
const entityTag = (revision: number): string => `"${revision}"`;

/** The weak comparison of RFC 9110, which is that of If-None-Match: proxies weaken tags. */
const isAmong = (tags: string, current: string): boolean =>
  tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === current);

const shown = (rule: KillSwitchRule) => ruleRow(rule, camelCase);

async function getRule(call: Call): Promise<unknown> {
  return inSnapshot(call, async ({ tx, run }) => {
    const rule = await ruleOfPath(call.request, tx);
    return { rule: shown(rule), warnings: await warningsOf(run, rule.id) };
  });
}

async function createRule(call: Call): Promise<unknown> {
  const answer = await inTransaction(call, async ({ body, run }) => changed(run, body, 'create_kill_switch_rule'));
  void call.reply.code(201);
  return withPropagation(call, answer);
}

/** Null takes a part away; what the body does not name stays. */
async function updateRule(call: Call): Promise<unknown> {
  const answer = await inTransaction(call, async ({ body, run, tx }) => {
    const { id } = await ruleOfPath(call.request, tx);
    const clear = CLEARABLE.filter((name) => body[camelCase(name)] === null);
    return changed(run, { ...body, ...(clear.length > 0 && { clear }) }, 'update_kill_switch_rule', { id });
  });
  return withPropagation(call, answer);
}

function changes(name: string): Route['answer'] {
  return async (call) => {
    const answer = await inTransaction(call, async ({ body, run, tx }) => {
      const { id } = await ruleOfPath(call.request, tx);
      return changed(run, body, name, { id });
    });
    return withPropagation(call, answer);
  };
}

interface Changed {
  readonly rule: KillSwitchRule;
  readonly warnings: unknown;
  readonly waited: boolean;
}

async function changed(run: VerbCall['run'], body: Body, name: string, fromPath?: Body): Promise<Changed> {
  const rule = ruleFromRow(await run(name, body, fromPath));
  return { rule, warnings: await warningsOf(run, rule.id), waited: body['waitForInstances'] === true };
}

async function warningsOf(run: VerbCall['run'], id: string): Promise<unknown> {
  return property(camelResult(await run('kill_switch_check_rule', { id })), 'warnings');
}

/** The transaction has ended and the waiting with it: what is true now is the proof. */
async function withPropagation(call: Call, { rule, warnings, waited }: Changed): Promise<unknown> {
  if (!waited) return { rule: shown(rule), warnings };
  const proof = await inSnapshot({ ...call }, async ({ run }) =>
    camelResult(await run('kill_switch_propagation', { revision: rule.revision })),
  );
  return { rule: shown(rule), warnings, propagation: proof };
}

async function ruleOfPath(request: FastifyRequest, tx: Transaction): Promise<KillSwitchRule> {
  const key = property(request.params, 'key') as string;
  const namespace = textParameter(request, 'namespace') ?? DDN_NAMESPACE;
  const rule = isStorableText(key) ? await tx.rules.byKey(namespace, key) : undefined;
  if (rule) return rule;
  throw notFound('RULE_UNKNOWN', `There is no rule "${key.slice(0, 64)}" in namespace "${namespace.slice(0, 64)}".`);
}

function textParameter(request: FastifyRequest, name: string): string | null {
  const value = property(request.query, name) ?? null;
  if (value === null) return value;
  if (typeof value !== 'string') throw badRequest('PARAMETER', `"${name}" may be given once.`, { path: name });
  if (isStorableText(value)) return value;
  throw badRequest('PARAMETER', `"${name}" is ${JSON.stringify(value.slice(0, 40))}; U+0000 is not allowed in it.`, {
    path: name,
  });
}

function integerParameter(request: FastifyRequest, name: string): number | null {
  const value = textParameter(request, name);
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw badRequest('PARAMETER', `"${name}" is "${value.slice(0, 40)}"; expected an integer.`, { path: name });
}

function statusesOf(request: FastifyRequest): readonly RuleStatus[] | null {
  const value = textParameter(request, 'status');
  return value === null ? null : value.split(',').map(statusOf);
}

function statusOf(value: string): RuleStatus {
  const status = RULE_STATUSES.find((known) => known === value);
  if (status) return status;
  throw badRequest('PARAMETER', `"${value.slice(0, 40)}" is no status; there are ${RULE_STATUSES.join(', ')}.`, {
    path: 'status',
  });
}
