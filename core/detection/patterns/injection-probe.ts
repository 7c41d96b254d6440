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
    pattern:
      /['"]\s{0,8}\){0,3}\s{0,8}(?:(?:or|and)\s{1,8}|\|\|\s{0,8})\(?\s{0,4}['"]?(\w{1,16})['"]?\s{0,4}(?:=|\blike\b)\s{0,4}['"]?\1\b/i,
  },
  // Without a quote only from the beginning: "is it true or 1=1" is a question, `7 or 1=1` is none.
  {
    name: 'an SQL tautology',
    pattern: /^\s{0,8}-?\d{1,16}\s{0,8}\)?\s{1,8}(?:or|and)\s{1,8}(\d{1,16})\s{0,4}=\s{0,4}\1(?!\d)/i,
  },
  { name: 'an SQL tautology', pattern: /(['"])\s{0,8}\)?\s{0,8}(?:or|and)\s{1,8}\1\1\s{0,4}=\s{0,4}\1/i },
  {
    name: 'an SQL tautology',
    pattern: /(?:['"]|^\s{0,8}\d{1,16}\s)\s{0,8}\)?\s{0,8}or\s{1,8}true\s{0,8}(?:;\s{0,8})?(?:--|#|\/\*)/i,
  },
  // Blind probes ask for what is true or false and cut off the rest of the statement.
  {
    name: 'an SQL condition',
    pattern:
      /['"]\s{0,8}\){0,3}\s{0,8}(?:or|and)\s{1,8}\(?\d{1,16}\s{0,4}(?:[<>]=?|<>|!=|=)\s{0,4}\d{1,16}\s{0,4}\)?\s{0,4}(?:--|#|\/\*)/i,
  },
  {
    name: 'an SQL column count',
    pattern:
      /(?:['"]|^\s{0,8}-?\d{1,16})\s{0,8}\){0,3}\s{0,8}(?:order|group)\s{1,8}by\s{1,8}\d{1,4}\s{0,8}(?:--|#|\/\*)/i,
  },
  { name: 'an SQL subquery', pattern: /['"]\s{0,8}(?:\|\||\+)\s{0,8}\(\s{0,8}select\s/i },
  // Whoever writes "(select one from the list)" means no table.
  {
    name: 'an SQL subquery',
    pattern:
      /(?:['"]|^\s{0,8}-?\d{1,16})\s{0,8}\){0,3}\s{0,8}(?:or|and)\s{1,8}(?:[\w@]{1,16}\s{0,4}[=<>!]{1,2}\s{0,4})?\w{0,16}\(?(?:\w{1,16}\s{0,4},\s{0,4})?\(?\s{0,4}\(\s{0,4}select\s{1,8}(?:@@|\S{1,64}\s{1,8}from\s{1,8}(?!(?:the|an?|our|your|this|these|my|it|them)\b))/i,
  },
  { name: 'an SQL function', pattern: /\b(?:extractvalue|updatexml)\s{0,4}\(\s{0,4}\w{1,32}\s{0,4},\s{0,4}concat/i },
  {
    name: 'an SQL union',
    pattern: /\bunion\s{1,8}(?:all\s{1,8})?select\s{1,8}(?:null|[\w*'"@]{1,32}\s{0,4},|.{1,64}\bfrom\s)/i,
  },
  {
    name: 'an SQL statement',
    pattern: /['";]\s{0,8};?\s{0,8}(?:drop|alter|truncate)\s{1,8}(?:table|database|schema)\s{1,8}\S/i,
  },
  {
    name: 'an SQL statement',
    pattern:
      /['"]\s{0,8}\){0,3}\s{0,8};\s{0,8}(?:delete\s{1,8}from|insert\s{1,8}into|update\s{1,8}\w{1,64}\s{1,8}set)\s{1,8}\S/i,
  },
  {
    name: 'a stored procedure',
    pattern: /['";]\s{0,8};?\s{0,8}exec(?:ute)?\s{1,8}(?:master\.{1,2}(?:dbo\.)?)?[xs]p_\w{2,32}/i,
  },
  { name: 'an SQL comment', pattern: /['"]\s{0,8}(?:;\s{0,8})?(?:--|#|\/\*)\s{0,8}$/ },
  { name: 'an SQL delay', pattern: /\b(?:pg_sleep|waitfor\s{1,8}delay)\s{0,4}[('"]\s{0,4}['"]?\d/i },
  // By themselves these are functions of any language: `await sleep(10)`.
  {
    name: 'an SQL delay',
    pattern:
      /(?:['"]|\b(?:and|or|select)\b|\bif\s{0,4}\([^(),]{1,32},)\s{0,4}\(?\s{0,4}(?:sleep|benchmark)\s{0,4}\(\s{0,4}\d/i,
  },
  { name: 'a NoSQL operator', pattern: /\{\s{0,8}['"]?\$(?:ne|gt|gte|lt|lte|regex|where|exists|or)['"]?\s{0,8}:/i },
  {
    name: 'a template expression',
    pattern: /\{\{[^{}]{0,64}(?:\d\s{0,4}\*\s{0,4}\d|config|self\.|request\.|__class__)[^{}]{0,64}\}\}/,
  },
  { name: 'a template expression', pattern: /\$\{(?:jndi:|\d{1,8}\s{0,4}\*\s{0,4}\d|T\(java)/i },
  { name: 'a template expression', pattern: /(?:#\{|<%=?)\s{0,8}\d{1,8}\s{0,4}\*\s{0,4}\d/ },
  // Within a text it is a link to somewhere: `see [issues](../../issues)`.
  { name: 'path traversal', pattern: /^(?=\S+$).{0,256}?(?:(?:\.\.|%2e%2e)(?:[/\\]|%2f|%5c)){2}/i },
  { name: 'path traversal', pattern: /(?:\/etc\/(?:passwd|shadow)|\\windows\\system32)\b/i },
  { name: 'a script', pattern: /<script[\s>]|javascript:\s{0,8}(?:alert|eval|fetch)\(/i },
  {
    name: 'a script',
    pattern:
      /<[a-z]\w{0,15}[\s/][^<>]{0,256}?\bon(?:error|load|click|focus|blur|toggle|begin|start|(?:mouse|key|pointer|animation)\w{1,16})\s{0,4}=/i,
  },
  {
    name: 'a shell command',
    pattern: /\$\(\s{0,8}(?:whoami\b|(?:curl|wget|nc|bash|sh|cat|ping|nslookup|python3?|perl|rm|sleep)\s{1,8}[^\s)])/,
  },
  // Behind one word, which the command that was meant ends with; longer texts are about commands.
  {
    name: 'a shell command',
    pattern:
      /^[\w.:@/'"-]{0,64}\s{0,2}(?:[;\n]|\|{1,2}|&{1,2})\s{0,4}(?:cat\s{1,4}\/|ls\s{1,4}[-/]|(?:curl|wget)\s{1,4}\S{0,64}:\/\/|ping\s{1,4}-|nslookup\s{1,4}\S{1,64}\.|sleep\s{1,4}\d{1,4}\s{0,4}(?:$|[;|&#])|uname\s{1,4}-|rm\s{1,4}-|nc\s{1,4}-|(?:ba)?sh\s{1,4}-|whoami\s{0,4}(?:$|[;|&#]))/,
  },
  {
    name: 'an LDAP filter',
    pattern: /\)\s{0,4}\(\s{0,4}(?:[|&!]\s{0,4}\(\s{0,4})?[a-z][\w-]{0,31}\s{0,4}[~<>]?=\s{0,4}\*/i,
  },
];

/** MongoDB's operators as the key of an object where a value was expected; `$ref` and `$type` are data. */
const OPERATOR_KEY = /\.\$(?:eq|ne|gte?|lte?|n?in|regex|where|exists|n?or|and|not|expr|function|elemMatch)(?:\.|$)/;

/** Longer argument texts are read up to here. */
const TEXT_READ = 4_096;
/** … and those of one request up to here, the shortest first: nobody else is served meanwhile. */
const TEXTS_READ = 32_768;

/** An argument whose text looks like an attempt to inject SQL, operators of NoSQL or LDAP, template code, scripts, commands or paths. */
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

function findProbe(values: readonly ArgumentValue[]): { name: string; path: string; text: string | null } | null {
  let left = TEXTS_READ;
  for (const { path, value } of values.toSorted((a, b) => lengthOf(a) - lengthOf(b))) {
    const text = typeof value === 'string' ? value.slice(0, Math.min(TEXT_READ, left)) : null;
    left -= text?.length ?? 0;
    const name = OPERATOR_KEY.test(path) ? 'a NoSQL operator' : probeIn(text ?? '');
    if (name !== null) return { name, path, text };
  }
  return null;
}

function lengthOf({ value }: ArgumentValue): number {
  return typeof value === 'string' ? value.length : 0;
}

/** As it was sent, and as whatever takes it apart later reads it: decoded, and with SQL's comments for spaces. */
function probeIn(text: string): string | null {
  if (text.length < 5) return null;
  const decoded = percentDecoded(text);
  const readings = new Set([text, decoded, decoded.replaceAll(/\/\*[^*]{0,32}\*\//g, ' ')]);
  for (const reading of readings) {
    const probe = PROBES.find(({ pattern }) => pattern.test(reading));
    if (probe !== undefined) return probe.name;
  }
  return null;
}

/**
 * Once, each escape by itself as a Latin-1 letter: probes are ASCII, and what is no escape stays ("100 %"). Beside
 * escapes a plus is the space of a form.
 */
function percentDecoded(text: string): string {
  if (!/%[\da-f]{2}/i.test(text)) return text;
  return text
    .replaceAll('+', ' ')
    .replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
