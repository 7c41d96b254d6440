import type { KillSwitchRule } from '../core/domain/kill-switch-rule.ts';
import { camelCase } from '../core/domain/spelling.ts';
import { ruleFromRow } from '../core/kill-switch/rule-row.ts';

export interface RuleSourceOptions {
  /** Base URL of the service's listener of hooks and API, such as http://sentinel:8787. */
  readonly url: string;
  readonly namespace: string;
  /** A token of the role viewer; absent: none is sent. */
  readonly token?: string | undefined;
  readonly fetch: typeof fetch;
  /** Longest wait for an answer, in ms. */
  readonly timeoutMs: number;
}

/** What changed since the revision asked about, or that nothing did. */
export type RuleChanges =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'changed';
      readonly revision: number;
      readonly rules: readonly KillSwitchRule[];
      /** Rules of a newer service that this version cannot read, by key. */
      readonly unreadable: readonly { readonly key: string; readonly message: string }[];
    };

/** The service's REST surface as a client of the rules sees it. */
export interface RuleSource {
  /** `since` null: all rules of the namespace. */
  changes(since: number | null): Promise<RuleChanges>;
  /** Opens the stream of revisions; resolves with its body once the service accepted it. */
  stream(revision: number | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

export function createRuleSource(options: RuleSourceOptions): RuleSource {
  const { namespace, token } = options;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const urlOf = (path: string) => new URL(path, options.url.endsWith('/') ? options.url : `${options.url}/`);

  return {
    async changes(since) {
      const url = urlOf('kill-switch/rules');
      url.searchParams.set('namespace', namespace);
      if (since !== null) url.searchParams.set('since', String(since));
      const response = await options.fetch(url, {
        headers: {
          accept: 'application/json',
          ...authorization,
          ...(since !== null && { 'if-none-match': `"${since}"` }),
        },
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      if (response.status === 304) return { kind: 'unchanged' };
      await requireOk(response, url);
      return changesFrom((await response.json()) as unknown);
    },
    async stream(revision, signal) {
      const url = urlOf('kill-switch/stream');
      url.searchParams.set('namespace', namespace);
      const response = await options.fetch(url, {
        headers: {
          accept: 'text/event-stream',
          ...authorization,
          ...(revision !== null && { 'last-event-id': String(revision) }),
        },
        signal,
      });
      await requireOk(response, url);
      if (!response.body) throw new Error(`${url.pathname} answered without a body.`);
      return response.body;
    },
  };
}

async function requireOk(response: Response, url: URL): Promise<void> {
  if (response.ok) return;
  const text = await response.text().catch(() => '');
  throw new Error(`${url.origin}${url.pathname} answered ${response.status}: ${text.slice(0, 200)}`);
}

function changesFrom(body: unknown): RuleChanges {
  const { revision, rules } = (body ?? {}) as { revision?: unknown; rules?: unknown };
  if (!Number.isSafeInteger(revision) || !Array.isArray(rules)) {
    throw new Error('The answer is not {revision, rules: […]}: is the URL that of ndc-sentinel?');
  }
  const readable: KillSwitchRule[] = [];
  const unreadable: { key: string; message: string }[] = [];
  for (const row of rules as unknown[]) {
    try {
      readable.push(ruleFromRow(row, camelCase));
    } catch (error) {
      unreadable.push({ key: String((row as { key?: unknown } | null)?.key), message: (error as Error).message });
    }
  }
  return { kind: 'changed', revision: revision as number, rules: readable, unreadable };
}
