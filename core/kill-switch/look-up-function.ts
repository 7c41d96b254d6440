import { ConditionFault } from './fault.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import type { LanguageFunction } from './functions.ts';
import { suggestion } from './nearest-name.ts';
import type { CallNode } from './syntax-tree.ts';

/** They bind a variable, and are nodes of their own. */
const QUANTIFIERS: readonly string[] = ['exists', 'all'];

/**
 * The function or method that a call names.
 *
 * @throws ConditionFault when there is none, or it takes another number of arguments.
 */
export function lookUpFunction(node: CallNode): LanguageFunction {
  const [own, other] = node.receiver === null ? [FUNCTIONS, METHODS] : [METHODS, FUNCTIONS];
  const found = own.get(node.name);
  if (found !== undefined) {
    checkCount(node, found);
    return found;
  }
  const what = node.receiver === null ? 'function' : 'method';
  const isOther = other.has(node.name) || (node.receiver === null && QUANTIFIERS.includes(node.name));
  const hint = isOther
    ? ` It is called as ${node.receiver === null ? `value.${node.name}(…)` : `${node.name}(value)`}.`
    : suggestion(
        node.name,
        node.receiver === null ? [...FUNCTIONS.keys(), 'has'] : [...METHODS.keys(), ...QUANTIFIERS],
      );
  throw new ConditionFault(`Unknown ${what} "${node.name}".${hint}`, node.nameStart);
}

function checkCount(node: CallNode, { parameters }: LanguageFunction): void {
  const most = parameters.length;
  const least = parameters.filter((parameter) => parameter.optional !== true).length;
  const receiver = node.receiver === null ? 0 : 1;
  const given = node.args.length + receiver;
  if (given >= least && given <= most) return;
  const wanted = least === most ? `${most - receiver}` : `${least - receiver} to ${most - receiver}`;
  throw new ConditionFault(
    `"${node.name}" takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${given - receiver}.`,
    node.nameStart,
  );
}
