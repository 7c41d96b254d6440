/** The version of the NDC specification this connector implements; every later addition it lacks is capability-gated. */
export const NDC_VERSION = '0.2.13';

export const NDC_VERSION_HEADER = 'x-hasura-ndc-version';

interface SemanticVersion {
  readonly numbers: readonly [number, number, number];
  readonly isPrerelease: boolean;
}

// Semantic Versioning 2.0.0, §2, §9 and §10; the parts after `-` and `+` are not told apart further.
const SEMANTIC_VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/**
 * The rule of the specification (`versioning.md`): our version must satisfy `^<requested>`. Returns what to tell the
 * caller, or undefined where the versions agree.
 *
 * @param requested each value of the header as received; none means the caller does not care
 */
export function versionFault(requested: readonly string[]): string | undefined {
  if (requested.length === 0) return undefined;
  if (requested.length > 1) return `The header X-Hasura-NDC-Version was sent ${requested.length} times; send it once.`;
  const [text] = requested as [string];
  const wanted = parseVersion(text);
  if (!wanted)
    return `X-Hasura-NDC-Version is ${JSON.stringify(text.slice(0, 80))}; expected a semantic version such as ${NDC_VERSION}.`;
  if (satisfiesCaret(wanted)) return undefined;
  return `This connector implements NDC ${NDC_VERSION}, which does not satisfy the requested ^${text}.`;
}

function parseVersion(text: string): SemanticVersion | undefined {
  const match = SEMANTIC_VERSION.exec(text);
  if (!match) return undefined;
  const [major, minor, patch] = match.slice(1, 4).map(Number) as [number, number, number];
  return { numbers: [major, minor, patch], isPrerelease: match[4] !== undefined };
}

/** `^a.b.c`: nothing older, and the left-most number that isn't zero unchanged. */
function satisfiesCaret(wanted: SemanticVersion): boolean {
  const ours = (parseVersion(NDC_VERSION) as SemanticVersion).numbers;
  const theirs = wanted.numbers;
  const significant = theirs.findIndex((number) => number !== 0);
  const kept = significant === -1 ? 3 : significant + 1;
  for (let i = 0; i < 3; i++) {
    const difference = (ours[i] as number) - (theirs[i] as number);
    if (difference === 0) continue;
    return difference > 0 && i >= kept;
  }
  // Equal numbers: a prerelease of a version comes before that version, so ours is the newer one.
  return true;
}
