import {
  ErrorCode,
  type EvaluationContext,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
  StandardResolutionReasons,
} from '@openfeature/server-sdk';
import { decisionValue, type FlagOutcome } from '../core/kill-switch/flag.ts';
import type { KillSwitchClient } from './kill-switch-client.ts';

const REASONS = {
  match: StandardResolutionReasons.TARGETING_MATCH,
  no_match: StandardResolutionReasons.DEFAULT,
  disabled: StandardResolutionReasons.DISABLED,
  error: StandardResolutionReasons.ERROR,
} as const satisfies Record<FlagOutcome, string>;

/**
 * Kill-switch rules as OpenFeature flags: `<namespace>.<rule key>` is a boolean flag (true: the switch is thrown),
 * `<namespace>` an object flag (its decision). The evaluation context is the fact. Evaluated in process by the client;
 * the provider starts and closes it.
 */
export class KillSwitchProvider implements Provider {
  readonly metadata = { name: 'ndc-sentinel kill switch' } as const;
  readonly runsOn = 'server';
  readonly events = new OpenFeatureEventEmitter();
  readonly #client: KillSwitchClient;

  constructor(client: KillSwitchClient) {
    this.#client = client;
    client.onChange((keys) =>
      this.events.emit(ProviderEvents.ConfigurationChanged, {
        flagsChanged: [client.namespace, ...keys.map((key) => `${client.namespace}.${key}`)],
      }),
    );
    client.onStatus((status) => {
      if (status === 'stale') this.events.emit(ProviderEvents.Stale);
      if (status === 'current') this.events.emit(ProviderEvents.Ready);
    });
  }

  async initialize(): Promise<void> {
    await this.#client.start();
  }

  async onClose(): Promise<void> {
    await this.#client.close();
  }

  async resolveBooleanEvaluation(
    flagKey: string,
    defaultValue: boolean,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    const prefix = `${this.#client.namespace}.`;
    if (flagKey === this.#client.namespace) return mismatch(defaultValue, 'an object flag: ask for an object');
    const flag = flagKey.startsWith(prefix)
      ? this.#client.evaluateRule(flagKey.slice(prefix.length), context)
      : undefined;
    if (flag === undefined) return notFound(defaultValue, flagKey);
    if (flag.outcome === 'error') {
      return failure(defaultValue, ErrorCode.GENERAL, flag.message ?? 'The condition could not be evaluated.');
    }
    return {
      value: flag.engaged,
      reason: this.#isStale() ? StandardResolutionReasons.STALE : REASONS[flag.outcome],
      variant: flag.engaged ? 'on' : 'off',
      flagMetadata: { revision: this.#client.revision },
    };
  }

  async resolveObjectEvaluation<T extends JsonValue>(
    flagKey: string,
    defaultValue: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
    const { namespace, revision, status } = this.#client;
    if (flagKey.startsWith(`${namespace}.`)) return mismatch(defaultValue, 'a boolean flag: ask for a boolean');
    if (flagKey !== namespace || status === 'starting') return notFound(defaultValue, flagKey);
    const value = decisionValue(this.#client.evaluate(context));
    return {
      // The flag has one type, which is not the caller's to choose: `T` is what the caller expects of it.
      value: value as unknown as T,
      reason: this.#isStale() ? StandardResolutionReasons.STALE : REASONS[value.matches ? 'match' : 'no_match'],
      variant: value.action ?? 'none',
      flagMetadata: { revision },
    };
  }

  async resolveStringEvaluation(_flagKey: string, defaultValue: string): Promise<ResolutionDetails<string>> {
    return mismatch(defaultValue, 'never a string');
  }

  async resolveNumberEvaluation(_flagKey: string, defaultValue: number): Promise<ResolutionDetails<number>> {
    return mismatch(defaultValue, 'never a number');
  }

  #isStale(): boolean {
    return this.#client.status === 'stale';
  }
}

function notFound<T>(value: T, flagKey: string): ResolutionDetails<T> {
  return failure(value, ErrorCode.FLAG_NOT_FOUND, `There is no kill-switch rule behind "${flagKey}".`);
}

function mismatch<T>(value: T, what: string): ResolutionDetails<T> {
  return failure(value, ErrorCode.TYPE_MISMATCH, `The flag is ${what}.`);
}

function failure<T>(value: T, errorCode: ErrorCode, errorMessage: string): ResolutionDetails<T> {
  return { value, reason: StandardResolutionReasons.ERROR, errorCode, errorMessage };
}
