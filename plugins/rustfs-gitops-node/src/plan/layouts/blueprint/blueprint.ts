import {
  BlueprintDeclared,
  BlueprintFinding,
} from '@rustfs-portal/plugin-rustfs-common';
import { DeclarationTarget, FileChange, Refusal } from '../../../types';
import { Blueprints } from '../../blueprints/Blueprints';
import { Layout, LayoutInput } from '../Layout';

/**
 * A repository into which blueprints are put: whatever it declares is left as it is. It reads the whole repository, since
 * files are added wherever they belong.
 */
export function createBlueprintLayout(
  blueprints: Blueprints = new Blueprints(),
): Layout {
  return {
    id: 'blueprint',

    read: () => ({ buckets: [], accesses: [] }),

    express: ({ type }) =>
      type === 'blueprint'
        ? true
        : {
            because: 'This place is for what serves a tenant as a whole',
            instead: 'ask where its storage is declared',
          },

    limits: () => ({}),

    examine: () => [],

    plan: input => {
      const files: FileChange[] = [];
      const findings: BlueprintFinding[] = [];
      const reasons: Refusal[] = [];
      for (const declaration of input.change.declare({
        buckets: [],
        accesses: [],
      })) {
        if (declaration.type !== 'blueprint') {
          continue;
        }
        const planned = planBlueprint(input, declaration, blueprints);
        if (planned.outcome === 'refused') {
          reasons.push(...planned.reasons);
        } else {
          files.push(...planned.files);
          findings.push(...planned.findings);
        }
      }
      return reasons.length ? { reasons } : { files, findings };
    },
  };
}

function planBlueprint(
  { snapshot, target }: LayoutInput,
  { blueprint, input }: BlueprintDeclared,
  blueprints: Blueprints,
) {
  const { given, parent, presets, software } = placeOf(target);
  const { others, rendered } = target;
  return blueprints
    .get(blueprint)
    .plan(
      { ...presets, ...withoutUndefined(input), ...given },
      { snapshot, parent, others, rendered, software },
    );
}

/** @throws Error when the target has none, which whoever locates it sees to */
function placeOf({ blueprint }: DeclarationTarget) {
  if (!blueprint) {
    throw new Error('A place for blueprints says what is known of it');
  }
  return blueprint;
}

/** What is left out of the answers is as good as undefined in them. */
function withoutUndefined(input: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input ?? {}).filter(([, answer]) => answer !== undefined),
  );
}
