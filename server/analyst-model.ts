import type Anthropic from '@anthropic-ai/sdk';

/** The cheapest model of the current generation in the SDK's own list (1.11.0): a second opinion must be affordable. */
export const DEFAULT_MODEL = 'claude-haiku-5-5' satisfies Anthropic.Model;

/** How much the model thinks about an answer; `none` for models that don't know the setting. */
export const ANALYST_EFFORTS = ['none', 'low', 'medium', 'high'] as const;

export type AnalystEffort = (typeof ANALYST_EFFORTS)[number];
