import { createHash } from 'node:crypto';
import { allFindings, type Analysis } from '../domain/analysis.ts';
import { badRequest } from '../domain/errors.ts';
import { type Finding, FINDING_KINDS, type FindingKind } from '../domain/finding.ts';
import { DDN_NAMESPACE, type KillSwitchRule } from '../domain/kill-switch-rule.ts';
import { atLeast, SEVERITIES, type Severity } from '../domain/severity.ts';
import { type Clock, formatInstant, type Instant, SECOND } from '../domain/time.ts';
import { type ConditionTemplate, parseTemplate } from '../kill-switch/condition-template.ts';
import type { KillSwitchService } from './kill-switch-service.ts';
import type { Store, Transaction } from './ports/store.ts';
import { checkAction, checkSlug } from './verbs/rule-arguments.ts';
import { activateRule, createRule } from './verbs/rule-changes.ts';

/** Which findings switch a rule on, and which rule that is. */
export interface ContainmentPolicy {
  readonly kinds: readonly FindingKind[];
  /** At least this. */
  readonly severity: Severity;
  /** Beginning of the keys of its rules, one rule per filled condition. */
  readonly key: string;
  /** The template as written. */
  readonly condition: string;
  readonly template: ConditionTemplate;
  readonly actionType: string;
  readonly action: unknown;
  readonly maxDurationSeconds: number;
  /** `dry_run`: try the policy itself first. */
  readonly status: 'active' | 'dry_run';
}

export interface ContainmentDeps {
  readonly policies: readonly ContainmentPolicy[];
  readonly store: Pick<Store, 'transaction'>;
  readonly killSwitch: Pick<KillSwitchService, 'ruleSet' | 'refresh'>;
  readonly clock: Clock;
  onActivated(rule: KillSwitchRule, finding: Finding): void;
  onFault(error: unknown): void;
}

export interface Containment {
  /** Switches on what the policies say about an analysis that was committed. Makes nobody wait. */
  offer(analysis: Analysis): void;
  /** Resolves when what was offered is done. */
  settled(): Promise<void>;
}

/** Rate of ordinary requests that may lead to an action, before the correction for the number of tests. */
const ACTION_ALPHA = 0.001;
/** Rules that detections switched on, or try, and that have not ended; beyond it people must look first. */
const MAX_RULES = 50;
/** Of what detections make; the id of the request follows. No person can give it. */
const ORIGIN = 'anomaly:';
const ACTOR = { name: 'containment', role: 'admin', surface: 'system' } as const;

/**
 * Detections that contain. Only statistical findings come here, never a language model's; a rule switched on this way
 * always ends by itself, and one that a person lifted stays lifted.
 */
export function createContainment(deps: ContainmentDeps): Containment {
  let work: Promise<void> = Promise.resolve();

  async function contain(analysis: Analysis): Promise<void> {
    const tests = testsIn(analysis);
    for (const finding of allFindings(analysis)) {
      if (finding.p !== null && finding.p > ACTION_ALPHA / tests) continue;
      for (const policy of deps.policies) {
        if (policy.kinds.includes(finding.kind) && atLeast(finding.severity, policy.severity)) {
          await activate(policy, finding, analysis);
        }
      }
    }
  }

  async function activate(policy: ContainmentPolicy, finding: Finding, { observation }: Analysis): Promise<void> {
    const { principal, operationName, id } = observation;
    const dataset = 'dataset' in finding.subject ? finding.subject.dataset : null;
    const condition = policy.template.conditionFor({
      role: principal.role,
      user: principal.userId,
      dataset,
      operation: operationName,
    });
    if (condition === null) return;
    const now = deps.clock.now();
    const inForce = [...deps.killSwitch.ruleSet(DDN_NAMESPACE).rules.values()].map(({ rule }) => rule);
    if (inForce.filter((rule) => isOfDetections(rule) && !hasEnded(rule, now)).length >= MAX_RULES) {
      throw new Error(`${MAX_RULES} rules that detections switched on are in force; no more are added.`);
    }
    const rule = await deps.store.transaction(async (tx) => {
      const context = { actor: ACTOR, tx };
      const { key, existing } = await keyFor(policy, condition, tx);
      // A dry run has no activation that would set its end.
      const end = policy.status === 'dry_run' ? formatInstant(now + policy.maxDurationSeconds * SECOND) : null;
      if (!existing) {
        const args = {
          key,
          condition,
          description: `Switched on by a detection: ${finding.kind}.`,
          action_type: policy.actionType,
          action: policy.action,
          max_duration_seconds: policy.maxDurationSeconds,
          status: policy.status,
          reason: finding.reason,
          namespace: null,
          valid_to: end,
        };
        return createRule(args, context, now, `${ORIGIN}${id}`);
      }
      // Lifted by a person, or in force already: nothing to do. Only one that ended by itself starts again.
      if (existing.status !== policy.status || !hasEnded(existing, now)) return null;
      const args = { id: existing.id, status: policy.status, reason: finding.reason, valid_to: end };
      return activateRule(args, context, now);
    });
    if (rule === null) return;
    await deps.killSwitch.refresh();
    deps.onActivated(rule, finding);
  }

  return {
    offer(analysis) {
      if (deps.policies.length === 0 || !analysis.anomalous) return;
      work = work.then(() => contain(analysis)).catch(deps.onFault);
    },
    settled: () => work,
  };
}

const isOfDetections = (rule: KillSwitchRule): boolean => rule.origin.startsWith(ORIGIN);
const hasEnded = (rule: KillSwitchRule, now: Instant): boolean => rule.validTo !== null && rule.validTo <= now;

/** Keys are hardly ever taken; somebody who takes this many stands in the way on purpose, and shows in the audit. */
const MAX_KEYS = 100;

interface KeyOfPolicy {
  readonly key: string;
  /** The rule that a detection made under this key earlier. */
  readonly existing?: KillSwitchRule;
}

/**
 * The key of a policy's rule with this condition. Passed over are rules that people made, and, of a policy that enforces,
 * those that never were in force: operators may change and lift them, and must not be able to keep a caller from being
 * contained.
 */
async function keyFor(policy: ContainmentPolicy, condition: string, tx: Transaction): Promise<KeyOfPolicy> {
  const base = `${policy.key}-${createHash('sha256').update(condition).digest('hex').slice(0, 8)}`;
  for (let number = 1; number <= MAX_KEYS; number++) {
    const key = number === 1 ? base : `${base}-${number}`;
    const existing = await tx.rules.byKey(DDN_NAMESPACE, key);
    if (!existing) return { key };
    const wasInForce = existing.activatedAt !== null;
    if (isOfDetections(existing) && wasInForce === (policy.status === 'active')) return { key, existing };
  }
  throw new Error(`The ${MAX_KEYS} keys from "${base}" on are taken by other rules.`);
}

/** Every record, and every kind of finding about the request as a whole, is a test that could have gone wrong. */
function testsIn({ datasets }: Analysis): number {
  let tests = Object.keys(FINDING_KINDS).length;
  for (const dataset of datasets) tests += dataset.recordCount;
  return tests;
}

const FIELDS = ['kinds', 'severity', 'key', 'condition', 'actionType', 'action', 'maxDurationSeconds', 'status'];

/**
 * Reads policies written as a JSON list of `{kinds, severity, key, condition, actionType, action, maxDurationSeconds,
 * status}`.
 *
 * @throws DomainError naming the policy and what is wrong with it.
 */
export function parsePolicies(json: unknown): ContainmentPolicy[] {
  if (!Array.isArray(json)) throw badRequest('CONTAINMENT', 'Containment policies are a JSON list.');
  return json.map(policyFrom);
}

function policyFrom(given: unknown, index: number): ContainmentPolicy {
  const place = `policy ${index + 1}`;
  if (typeof given !== 'object' || given === null) throw badRequest('CONTAINMENT', `${place} is not an object.`);
  const fields = new Map<string, unknown>(Object.entries(given));
  const unknown = [...fields.keys()].find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) {
    throw badRequest('CONTAINMENT', `${place} has an unknown "${unknown}"; known: ${FIELDS.join(', ')}.`);
  }
  const kinds = fields.get('kinds');
  const severity = SEVERITIES.find((known) => known === fields.get('severity'));
  const key = fields.get('key');
  const condition = fields.get('condition');
  const maxDurationSeconds = fields.get('maxDurationSeconds');
  const status = fields.get('status') ?? 'active';
  if (!Array.isArray(kinds) || kinds.length === 0 || !kinds.every(isActionable)) {
    throw badRequest('CONTAINMENT', `${place}: kinds must name kinds of findings, and not model_opinion.`);
  }
  if (!severity) throw badRequest('CONTAINMENT', `${place}: severity must be one of ${SEVERITIES.join(', ')}.`);
  if (typeof key !== 'string' || key.length > 50) {
    throw badRequest('CONTAINMENT', `${place}: key must be a short name of at most 50 characters.`);
  }
  if (typeof condition !== 'string') throw badRequest('CONTAINMENT', `${place} has no condition.`);
  if (!Number.isInteger(maxDurationSeconds) || !((maxDurationSeconds as number) >= 60)) {
    throw badRequest('CONTAINMENT', `${place}: maxDurationSeconds must be an integer of at least 60.`);
  }
  if (status !== 'active' && status !== 'dry_run') {
    throw badRequest('CONTAINMENT', `${place}: status must be active or dry_run.`);
  }
  const actionType = fields.get('actionType') ?? 'block';
  if (typeof actionType !== 'string') throw badRequest('CONTAINMENT', `${place}: actionType must be a text.`);
  const action = fields.get('action') ?? null;
  checkAction(actionType, action);
  return {
    kinds: kinds as FindingKind[],
    severity,
    key: checkSlug(key, `${place}: key`),
    condition,
    template: parseTemplate(condition, DDN_NAMESPACE),
    actionType,
    action,
    maxDurationSeconds: maxDurationSeconds as number,
    status,
  };
}

/** A language model's opinion can propose a rule, never switch one on. */
function isActionable(kind: unknown): boolean {
  return typeof kind === 'string' && Object.hasOwn(FINDING_KINDS, kind) && kind !== 'model_opinion';
}
