import { asksOnlyForSchema } from '../../domain/query-shape.ts';
import type { PatternDetector } from './pattern-context.ts';
import { countOf, formatCount, patternFinding, roleScope, shortName } from './pattern-context.ts';
import { chanceOfNews } from './seen-table.ts';

/**
 * A query of a shape this role never sent. A role whose shapes are often new (an analyst's ad-hoc SQL) stays quiet by
 * its own rate of news.
 */
export const newShape: PatternDetector = ({ observation, role, roleIsKnown, noveltyRate }) => {
  const { shape } = observation;
  if (role === undefined || !roleIsKnown || asksOnlyForSchema(shape)) return [];
  if (role.shapes.counts.has(shape.id)) return [];
  const chance = chanceOfNews(role.shapes, role.requests);
  if (chance > noveltyRate) return [];
  const roots = shape.rootFields.slice(0, 3).map(shortName).join(', ');
  return [
    patternFinding(observation, {
      kind: 'new_shape',
      subject: 'query',
      p: chance === 0 ? 1 / (role.requests + 1) : chance,
      reason:
        `role ${shortName(observation.principal.role)} sent a query of a new shape on ${roots || 'no root field'}: ` +
        `depth ${shape.features.depth}, ${countOf(shape.fields.length, 'field')}; ` +
        `its ${formatCount(role.requests)} requests so far had ${countOf(role.shapes.counts.size, 'shape')}`,
      firstSeen: { kind: 'shape', scope: roleScope(observation), value: shape.id },
    }),
  ];
};
