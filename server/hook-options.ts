import type { VerbTable } from '../core/services/verbs/verb.ts';
import { DEFAULT_HOOK_OPTIONS, type HookOptions } from '../plugin/hook-runtime.ts';
import { CATALOGUE } from '../schema/collections.ts';
import { ownRootFields } from './own-root-fields.ts';
import type { SettingValues } from './settings.ts';

/** What the processes of one store share. */
export type HookSecrets = Pick<HookOptions, 'maskKey' | 'markerSecret'>;

/** How the hooks behave, from the configuration. */
export function hookOptionsOf(values: SettingValues, verbs: VerbTable, secrets: HookSecrets) {
  return {
    ...DEFAULT_HOOK_OPTIONS,
    secret:
      values.M_AUTH_KEY === undefined
        ? null
        : { current: values.M_AUTH_KEY, previous: values.M_AUTH_KEY_PREVIOUS ?? null },
    environment: values.SENTINEL_ENVIRONMENT ?? null,
    service: values.SENTINEL_SERVICE ?? null,
    eventTimeHeader: values.SENTINEL_EVENT_TIME_HEADER ?? null,
    bodyLimitBytes: values.SENTINEL_HOOK_BODY_LIMIT,
    decisionDeadlineMs: values.SENTINEL_DECISION_TIMEOUT_MS,
    onDeadline: values.SENTINEL_DECISION_POLICY,
    keepsArguments: values.SENTINEL_LOG_ARGUMENTS === 'values',
    ...secrets,
    connectorName: values.SENTINEL_CONNECTOR_NAME,
    rootFields: ownRootFields(CATALOGUE, verbs),
    excludedDatasets: values.EXCLUDED_DATASETS,
  } satisfies HookOptions;
}
