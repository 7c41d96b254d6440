import type { ArgumentValue } from '../../domain/observation.ts';
import { redact } from '../personal-data/redaction.ts';
import type { PatternDetector } from './pattern-context.ts';
import { callerName, patternFinding, shortName } from './pattern-context.ts';

/**
 * Texts that are hardly ever data: conservative, so that O'Brien, "drop table tennis" and a question about SQL pass.
 * Every repetition is bounded, so matching is linear in the text.
 */
const PROBES: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  {
    name: 'an SQL tautology',
    pattern: /['"]\s{0,8}\)?\s{0,8}(?:or|and)\s{1,8}['"]?(\w{1,16})['"]?\s{0,4}=\s{0,4}['"]?\1\b/i,
  },
  {
    name: 'an SQL union',
    pattern: /\bunion\s{1,8}(?:all\s{1,8})?select\s{1,8}(?:null|[\w*'"@]{1,32}\s{0,4},|.{1,64}\bfrom\s)/i,
  },
  {
    name: 'an SQL statement',
    pattern: /['";]\s{0,8};?\s{0,8}(?:drop|alter|truncate)\s{1,8}(?:table|database|schema)\s{1,8}\S/i,
  },
  { name: 'an SQL comment', pattern: /['"]\s{0,8}(?:;\s{0,8})?(?:--|#|\/\*)\s{0,8}$/ },
  { name: 'an SQL delay', pattern: /\b(?:pg_sleep|sleep|benchmark|waitfor\s{1,8}delay)\s{0,4}[('"]\s{0,4}['"]?\d/i },
  { name: 'a NoSQL operator', pattern: /\{\s{0,8}['"]?\$(?:ne|gt|gte|lt|lte|regex|where|exists|or)['"]?\s{0,8}:/i },
  {
    name: 'a template expression',
    pattern: /\{\{[^{}]{0,64}(?:\d\s{0,4}\*\s{0,4}\d|config|self\.|request\.|__class__)[^{}]{0,64}\}\}/,
  },
  { name: 'a template expression', pattern: /\$\{(?:jndi:|\d{1,8}\s{0,4}\*\s{0,4}\d|T\(java)/i },
  { name: 'path traversal', pattern: /(?:(?:\.\.|%2e%2e)(?:[/\\]|%2f|%5c)){2}/i },
  { name: 'path traversal', pattern: /(?:\/etc\/(?:passwd|shadow)|\\windows\\system32)\b/i },
  { name: 'a script', pattern: /<script[\s>]|javascript:\s{0,8}(?:alert|eval|fetch)\(/i },
];

/** Longer argument texts are read up to here. */
const TEXT_READ = 4_096;

/** An argument whose text looks like an attempt to inject SQL, NoSQL operators, template code, scripts or paths. */
export const injectionProbe: PatternDetector = ({ observation }) => {
  const probe = findProbe(observation.arguments);
  if (probe === null) return [];
  return [
    patternFinding(observation, {
      kind: 'injection_probe',
      subject: 'query',
      p: null,
      reason: `${callerName(observation)} sent ${probe.name} in argument ${shortName(probe.path)}`,
      fields: [
        {
          path: probe.path,
          value: redact(probe.text, probe.path),
          contribution: 1,
          tailProbability: 0,
          text: `${shortName(probe.path)} looks like ${probe.name}`,
        },
      ],
    }),
  ];
};

function findProbe(values: readonly ArgumentValue[]): { name: string; path: string; text: string } | null {
  for (const { path, value } of values) {
    if (typeof value !== 'string' || value.length < 5) continue;
    const text = value.slice(0, TEXT_READ);
    const probe = PROBES.find(({ pattern }) => pattern.test(text));
    if (probe !== undefined) return { name: probe.name, path, text };
  }
  return null;
}
