import { createHash, randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRecord, property } from '../../core/document/foreign-object.ts';
import { mayAct } from '../../core/domain/actor.ts';
import { CONTINUE, type Decision } from '../../core/domain/decision.ts';
import { DomainError } from '../../core/domain/errors.ts';
import { isStorableText } from '../../core/domain/text.ts';
import { SECOND } from '../../core/domain/time.ts';
import { CANARY_NAMESPACE } from '../../core/kill-switch/canary.ts';
import { decisionValue, evaluateRuleFlag, type FlagEvaluation, type FlagOutcome } from '../../core/kill-switch/flag.ts';
import type { RuleSet } from '../../core/kill-switch/rule-index.ts';
import type { RulesApplied } from '../../core/services/kill-switch-service.ts';
import type { ProgramQuestions } from '../../core/services/program-questions.ts';
import type { RuleFilter, RulesState } from '../../core/services/ports/rules.ts';
import { createRuleStreams } from '../kill-switch-rest/rule-stream.ts';
import type { PluginServices } from '../plugin-services.ts';
import { createIdentify } from '../rest/credentials.ts';
import { STATUS_OF_KIND } from '../rest/rest-errors.ts';
import type { SharedSecret } from '../secret.ts';
import { headerOf } from '../trace-context.ts';

/** What OFREP needs from the application: rules from memory, and the store for those that are not in force. */
export interface OfrepServices extends Pick<PluginServices, 'clock' | 'log' | 'authenticate'> {
  readonly rules: { list(filter: RuleFilter): Promise<RulesState> };
  readonly enforced: {
    readonly revision: number;
    readonly appliedAt: number;
    readonly stale: boolean;
    readonly namespaces: readonly string[];
    ruleSet(namespace: string): RuleSet;
    subscribe(listener: (applied: RulesApplied) => void): () => void;
  };
  readonly programs: Pick<ProgramQuestions, 'decide' | 'flag'>;
}

const FLAGS = '/ofrep/v1/evaluate/flags';
const STREAM = '/ofrep/v1/stream';
const BODY_LIMIT_BYTES = 1_024 * 1_024;
const INACTIVITY_SECONDS = 120;

type Context = Readonly<Record<string, unknown>>;

/** OFREP allows a few reasons only; an ordinary "no" is `STATIC` there. */
const REASONS = {
  match: 'TARGETING_MATCH',
  no_match: 'STATIC',
  disabled: 'DISABLED',
  error: 'UNKNOWN',
} as const satisfies Record<FlagOutcome, string>;

/**
 * The OpenFeature Remote Evaluation Protocol 0.3: a rule is the boolean flag `<namespace>.<rule key>` (true: the switch is
 * thrown), a namespace the object flag `<namespace>` (its decision). The evaluation context is the fact; `targetingKey`
 * may be absent.
 */
export function registerOfrep(
  app: FastifyInstance,
  services: OfrepServices,
  options: { readonly secret: SharedSecret | null },
): void {
  const identify = createIdentify(services, options.secret);

  async function isPermitted(request: FastifyRequest): Promise<boolean> {
    const apiKey = headerOf(request.headers, 'x-api-key');
    const actor = apiKey === null ? await identify(request) : await services.authenticate(apiKey);
    return actor !== null && mayAct(actor, 'viewer');
  }

  void app.register((scope, _, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, parsed) => parsed(null, text));
    scope.setErrorHandler((error, request, reply) => {
      const status = statusOf(error);
      if (status < 500 || error instanceof DomainError)
        return reply.code(status).send({ errorDetails: (error as Error).message });
      const reference = randomUUID();
      services.log.error({ reference, route: request.routeOptions.url, err: error }, 'an OFREP call failed');
      return reply.code(500).send({ errorDetails: `Internal error ${reference}.` });
    });
    scope.addHook('onRequest', async (request, reply) => {
      if (await isPermitted(request)) return;
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send({ errorDetails: 'Missing or wrong credentials.' });
    });
    scope.post(FLAGS, { bodyLimit: BODY_LIMIT_BYTES }, (request, reply) => evaluateAll(services, request, reply));
    scope.post(`${FLAGS}/:key`, { bodyLimit: BODY_LIMIT_BYTES }, (request, reply) =>
      evaluateOne(services, request, reply),
    );
    const stream = createRuleStreams(scope, {
      enforced: services.enforced,
      event: (revision) => ({
        data: {
          type: 'refetchEvaluation',
          etag: `"${revision}"`,
          lastModified: Math.floor(services.enforced.appliedAt / SECOND),
        },
      }),
    });
    scope.get(STREAM, { exposeHeadRoute: false }, async (request, reply) => stream(request, reply, null));
    done();
  });
}

function statusOf(error: unknown): number {
  if (error instanceof DomainError) return STATUS_OF_KIND[error.kind];
  return (error as { statusCode?: number }).statusCode ?? 500;
}

async function evaluateOne(services: OfrepServices, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const key = property(request.params, 'key') as string;
  const context = contextOf(request);
  if (typeof context === 'string') return reply.code(400).send({ key, errorCode: context, errorDetails: FORM });
  const found = flagInForce(services, key, context) ?? (await flagOutOfForce(services, key));
  if (found === undefined) return reply.code(404).send({ key, errorCode: 'FLAG_NOT_FOUND' });
  if ('errorCode' in found) return reply.code(400).send({ key, ...found });
  return { key, ...found, metadata: metadataOf(services) };
}

/** Every flag in force; with `?namespace=` those of one namespace. */
async function evaluateAll(services: OfrepServices, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const context = contextOf(request);
  if (typeof context === 'string') return reply.code(400).send({ errorCode: context, errorDetails: FORM });
  const wanted = property(request.query, 'namespace');
  const namespaces = services.enforced.namespaces.filter(
    (namespace) => namespace !== CANARY_NAMESPACE && (wanted === undefined || wanted === namespace),
  );
  const flags = namespaces.flatMap((namespace) => {
    // The decision asks all of its rules, so their flags are not counted besides.
    const ruleSet = services.enforced.ruleSet(namespace);
    const ofRules = [...ruleSet.rules.keys()].map((key) => ({
      key: `${namespace}.${key}`,
      ...ruleFlag(evaluateRuleFlag(ruleSet, key, context, services.clock.now())),
    }));
    return [{ key: namespace, ...namespaceFlag(services, namespace, context) }, ...ofRules];
  });
  const answer = { flags, metadata: metadataOf(services) };
  // Over the answer itself: whatever it depends on (revision, context, validity, the clock) is in it.
  const etag = `"${createHash('sha256').update(JSON.stringify(answer)).digest('base64url')}"`;
  void reply.header('etag', etag);
  if (headerOf(request.headers, 'if-none-match') === etag) return reply.code(304).send();
  const eventStreams = [{ type: 'sse', endpoint: { requestUri: STREAM }, inactivityDelaySec: INACTIVITY_SECONDS }];
  return { ...answer, eventStreams };
}

type Flag =
  | { readonly value: unknown; readonly reason: string; readonly variant: string }
  | { readonly errorCode: 'GENERAL'; readonly errorDetails: string };

function flagInForce(services: OfrepServices, key: string, context: Context): Flag | undefined {
  const dot = key.indexOf('.');
  const namespace = dot === -1 ? key : key.slice(0, dot);
  if (namespace === CANARY_NAMESPACE) return undefined;
  return dot === -1
    ? namespaceFlag(services, namespace, context)
    : ruleFlag(services.programs.flag(namespace, key.slice(dot + 1), context));
}

function namespaceFlag({ enforced, programs }: OfrepServices, namespace: string, context: Context): Flag | undefined {
  if (enforced.ruleSet(namespace).rules.size === 0) return undefined;
  const value = decisionValue(programs.decide(namespace, context));
  return { value, reason: REASONS[value.matches ? 'match' : 'no_match'], variant: value.action ?? 'none' };
}

function ruleFlag(flag: FlagEvaluation | undefined): Flag | undefined {
  if (flag === undefined) return undefined;
  if (flag.outcome === 'error') return { errorCode: 'GENERAL', errorDetails: flag.message ?? '' };
  return { value: flag.engaged, reason: REASONS[flag.outcome], variant: flag.engaged ? 'on' : 'off' };
}

/** A rule that exists but is not active is a flag that is switched off. */
async function flagOutOfForce(services: OfrepServices, key: string): Promise<Flag | undefined> {
  if (!isStorableText(key)) return undefined;
  const dot = key.indexOf('.');
  const namespace = dot === -1 ? key : key.slice(0, dot);
  const { rules } = await services.rules.list({ namespace });
  if (dot === -1) {
    return rules.length === 0
      ? undefined
      : { value: decisionValue(NOTHING), reason: REASONS.disabled, variant: 'none' };
  }
  const exists = rules.some((rule) => rule.key === key.slice(dot + 1));
  return exists ? { value: false, reason: REASONS.disabled, variant: 'off' } : undefined;
}

const NOTHING: Decision = { ...CONTINUE, revision: 0, stale: false };

const metadataOf = ({ enforced }: OfrepServices) => ({ revision: enforced.revision, stale: enforced.stale });

const FORM = 'The body must be a JSON object {"context": {…}}.';

function contextOf(request: FastifyRequest): Context | 'PARSE_ERROR' | 'INVALID_CONTEXT' {
  const text = typeof request.body === 'string' ? request.body : '';
  let body: unknown;
  try {
    body = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    return 'PARSE_ERROR';
  }
  if (!isRecord(body)) return 'PARSE_ERROR';
  const context = property(body, 'context') ?? {};
  return isRecord(context) ? context : 'INVALID_CONTEXT';
}
