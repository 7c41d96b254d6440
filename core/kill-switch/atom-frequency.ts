import type { Atom, AtomTree, Primitive } from './atoms.ts';

/** How many rules name each literal of each path: the fewer, the better an atom tells a rule from the others. */
export class AtomFrequency {
  /** Rules counted. */
  rules = 0;
  readonly #byPath = new Map<string, Map<Primitive, number>>();

  count(tree: AtomTree | null): void {
    this.rules++;
    if (tree !== null) this.#countTree(tree);
  }

  of(path: string, value: Primitive): number {
    return this.#byPath.get(path)?.get(value) ?? 0;
  }

  #countTree(tree: AtomTree): void {
    if (tree.kind !== 'atom') {
      for (const part of tree.parts) this.#countTree(part);
      return;
    }
    const id = pathId(tree.atom);
    const counts = this.#byPath.get(id) ?? new Map<Primitive, number>();
    this.#byPath.set(id, counts);
    for (const value of tree.atom.values) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
}

/** Same for atoms that read the same path in the same way. */
export function pathId(atom: Atom): string {
  return `${atom.kind} ${atom.pathText}`;
}

/** The cheapest choice of atoms of which at least one must hold for a match. */
export function cheapestAtoms(
  tree: AtomTree,
  costOf: (atom: Atom) => number,
): { readonly atoms: readonly Atom[]; readonly cost: number } {
  if (tree.kind === 'atom') return { atoms: [tree.atom], cost: costOf(tree.atom) };
  const choices = tree.parts.map((part) => cheapestAtoms(part, costOf));
  if (tree.kind === 'all') return choices.reduce((best, choice) => (choice.cost < best.cost ? choice : best));
  return {
    atoms: choices.flatMap((choice) => choice.atoms),
    cost: choices.reduce((sum, choice) => sum + choice.cost, 0),
  };
}
