import { expect, it } from 'vitest';
import { readDocument } from '../../../core/document/graphql-document.ts';
import { stripDocument } from '../../../core/document/strip-document.ts';
import { seededRandom } from '../../support/seeded-random.ts';

/** A selection by names; what a client may vary about its text is decided when it is printed. */
interface Field {
  readonly name: string;
  readonly arguments: readonly string[];
  readonly children: readonly Field[];
}

it('the fingerprint is the same however a client writes a query, and another for another query', () => {
  const random = seededRandom(7);
  const shapes = new Map<string, string>();
  for (let round = 0; round < 150; round++) {
    const root = randomFields(random, 3);
    const ids = new Set(Array.from({ length: 4 }, () => shapeOf(print(root, random))));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    const canonical = JSON.stringify(outline(root));
    expect(shapes.get(id) ?? canonical).toBe(canonical);
    shapes.set(id, canonical);
  }
  expect(shapes.size).toBeGreaterThan(100);
});

it('random text is read, stripped or refused, and never an exception', () => {
  const random = seededRandom(11);
  const kinds = new Set<string>();
  for (let round = 0; round < 3_000; round++) {
    const length = Math.floor(random() * 40);
    const soup = Array.from({ length }, () => TOKENS[Math.floor(random() * TOKENS.length)]).join(' ');
    const text = random() < 0.5 ? soup : `{ a { b ${soup.slice(0, 12)} } } fragment F on T { c ${soup.slice(0, 8)} }`;
    const reading = readDocument(text, random() < 0.2 ? 'Q' : null);
    const stripped = stripDocument({ query: text, operationName: null, variables: null, paths: ['a.b', 'c'] });
    kinds.add(reading.kind).add(stripped.kind);
    if (stripped.kind === 'stripped') expect(readDocument(stripped.request.query, null).kind).toBe('document');
  }
  // All outcomes occurred: the soup is not just refused.
  expect([...kinds].sort()).toEqual(['document', 'empty', 'stripped', 'unchanged', 'unreadable']);
});

const TOKENS = [
  ['{', '}', '(', ')', '[', ']', ':', '$', '@', '!', '=', '|', '&', '...', '#', '"', '"""', '\\u0000'],
  ['a', 'b', 'c', 'on', 'T', 'query', 'Q', 'mutation', 'fragment', 'F', '__typename', '__schema'],
  ['...F', '...G', '"s"', '1', '-1.5e3', 'null', '$v', '{ b }', '(x: 1)', '@include(if: true)', '... on T { b }'],
].flat();

function shapeOf(text: string): string {
  const document = readDocument(text, null);
  if (document.kind === 'unreadable') throw new Error(`${document.reason}: ${text}`);
  return document.shape.id;
}

function randomFields(random: () => number, depth: number): Field[] {
  const names = NAMES.filter(() => random() < 0.4);
  return (names.length === 0 ? ['id'] : names).map((name) => ({
    name,
    arguments: random() < 0.4 ? ARGUMENTS.filter(() => random() < 0.5) : [],
    children: depth > 0 && random() < 0.5 ? randomFields(random, depth - 1) : [],
  }));
}

const NAMES = ['id', 'name', 'total', 'orders', 'items'];
const ARGUMENTS = ['limit', 'where', 'order_by'];

function print(root: readonly Field[], random: () => number): string {
  let aliases = 0;
  const fragments: string[] = [];
  const space = () => [' ', '\n', ' , ', ' # comment\n'][Math.floor(random() * 4)] as string;
  const literal = () => ['1', '"text"', 'true', 'null', 'ENUM', '$v', '[1, 2]'][Math.floor(random() * 7)] as string;
  const printField = (field: Field): string => {
    const alias = random() < 0.3 ? `a${aliases++}: ` : '';
    const args = shuffled(field.arguments, random).map((name) => `${name}:${space()}${literal()}`);
    const children = field.children.length > 0 ? `{${printFields(field.children)}}` : '';
    return `${alias}${field.name}${args.length > 0 ? `(${args.join(space())})` : ''}${children}`;
  };
  const printFields = (fields: readonly Field[]): string => {
    const texts = shuffled(fields, random).map(printField);
    const spread = random();
    if (spread < 0.2) return `... on T {${texts.join(space())}}`;
    if (spread > 0.2 && spread < 0.4) {
      const name = `F${fragments.length}`;
      fragments.push('');
      fragments[Number(name.slice(1))] = `fragment ${name} on T {${texts.join(space())}}`;
      return `...${name}`;
    }
    return texts.join(space());
  };
  const body = printFields(root);
  const name = random() < 0.5 ? 'Q' : `Q${Math.floor(random() * 1_000)}`;
  return `query ${name}($v: V) {${body}} ${fragments.join(' ')}`;
}

/** Without its printing; names are in one order already. */
function outline(fields: readonly Field[]): unknown {
  return fields.map(({ name, arguments: args, children }) => [name, args, outline(children)]);
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
