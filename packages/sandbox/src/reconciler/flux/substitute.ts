import { KubernetesObject, parseObject } from '../kubernetes';
import { kustomizeId } from './build';

const DISABLED = 'kustomize.toolkit.fluxcd.io/substitute';

/**
 * Fills in `${name}` from `spec.postBuild.substitute`. A variable without a value fails the build; `$${` stays `${`.
 *
 * @throws Error in the words of the kustomize-controller
 */
export function substitute(
  object: KubernetesObject,
  variables: Record<string, string>,
): KubernetesObject {
  const marks = { ...object.metadata.labels, ...object.metadata.annotations };
  if (marks[DISABLED] === 'disabled') {
    return object;
  }
  return parseObject(
    JSON.parse(JSON.stringify(object), (_key, value: unknown) =>
      typeof value === 'string' ? fill(value, object, variables) : value,
    ),
  );
}

function fill(
  text: string,
  object: KubernetesObject,
  variables: Record<string, string>,
): string {
  return text.replace(
    /(\$?)\$\{([A-Za-z0-9_]+)([^}]*)\}/g,
    (match, escape: string, name: string, rest: string) => {
      if (escape) {
        return match.slice(1);
      }
      const fallback = /^:?[-=](.*)$/.exec(rest)?.[1];
      const value = variables[name] ?? fallback;
      if (value === undefined) {
        throw new Error(
          `post build failed for '${kustomizeId(
            object,
          )}': envsubst error: variable substitution failed: variable not set (strict mode): "${name}"`,
        );
      }
      return value;
    },
  );
}
