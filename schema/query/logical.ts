interface Test {
  readonly kind: string;
}

interface Junction<T extends Test> {
  readonly kind: 'and' | 'or';
  readonly expressions: readonly Logical<T>[];
}

interface Negation<T extends Test> {
  readonly kind: 'not';
  readonly expression: Logical<T>;
}

/** Tests joined by `and`, `or` and `not`. An empty `and` is true, an empty `or` false. */
export type Logical<T extends Test> = Junction<T> | Negation<T> | T;

/** The same expression over other tests. `at` is the place of the expression in the request, for what is said of its parts. */
export function mapTests<From extends Test, To extends Test>(
  expression: Logical<From>,
  at: string,
  map: (test: From, at: string) => To,
): Logical<To> {
  if (isJunction(expression)) {
    const { kind, expressions } = expression;
    return { kind, expressions: expressions.map((part, i) => mapTests(part, `${at}.expressions[${i}]`, map)) };
  }
  if (isNegation(expression)) {
    return { kind: 'not', expression: mapTests(expression.expression, `${at}.expression`, map) };
  }
  return map(expression, at);
}

function isJunction<T extends Test>(expression: Logical<T>): expression is Junction<T> {
  return expression.kind === 'and' || expression.kind === 'or';
}

function isNegation<T extends Test>(expression: Logical<T>): expression is Negation<T> {
  return expression.kind === 'not';
}
