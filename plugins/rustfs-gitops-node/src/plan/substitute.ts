import { BuildOptions } from '@rustfs-portal/plugin-rustfs-common';
import { Metadata } from './kustomize/RenderedObject';

/** A text as it reaches the cluster: `fits` says whether another text may be it. */
export interface Substituted {
  /** Undefined when it hangs on a value that nobody here knows. */
  text?: string;
  fits: (other: string) => boolean;
}

/** How Flux substitutes variables in an object; the identity where it does not. */
export function createSubstitution(
  build: BuildOptions | undefined,
  object: { labels: Metadata; annotations: Metadata },
): (text: string) => Substituted {
  const key = 'kustomize.toolkit.fluxcd.io/substitute';
  const isOff = [object.labels, object.annotations].some(
    values => values?.get(key)?.toLowerCase() === 'disabled',
  );
  return isOff || (build && !build.postBuild)
    ? known
    : text => substitute(text, build?.postBuild);
}

function known(text: string): Substituted {
  return { text, fits: other => other === text };
}

/** `${name}` as Flux reads it, with `$$` for a dollar sign that stays. */
function substitute(
  text: string,
  postBuild: BuildOptions['postBuild'],
): Substituted {
  const parts = text
    .split(/(\$\$|\$\{[^}]*\})/)
    .map(part => {
      if (part === '$$') {
        return '$';
      }
      const name = /^\$\{([^}]*)\}$/.exec(part)?.[1];
      return name === undefined ? part : lookUp(name, postBuild);
    })
    .filter(part => part !== '');
  if (parts.every(part => part !== undefined)) {
    return known(parts.join(''));
  }
  // Pieces in their order, with anything between them where a value is not known.
  return {
    fits: other => {
      let from = 0;
      for (const [i, part] of parts.entries()) {
        if (part === undefined) {
          continue;
        }
        const isFirst = i === 0;
        const isLast = i === parts.length - 1;
        const at = isLast
          ? other.length - part.length
          : other.indexOf(part, from);
        if (at < from || (isFirst && at !== 0) || !other.startsWith(part, at)) {
          return false;
        }
        from = at + part.length;
      }
      return true;
    },
  };
}

/** Undefined when the value cannot be told: it comes from an object of the cluster, or by a function of Flux. */
function lookUp(
  expression: string,
  postBuild: BuildOptions['postBuild'],
): string | undefined {
  const { substitute: values = {}, substituteFrom } = postBuild ?? {};
  const [, name, fallback] =
    /^([_a-zA-Z]\w*)(?::[=-](.*))?$/s.exec(expression) ?? [];
  if (name === undefined) {
    return undefined;
  }
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value && !value.includes('$')) {
    return value;
  }
  const isUnset = postBuild && value === undefined && !substituteFrom?.length;
  return isUnset && fallback !== undefined && !fallback.includes('$')
    ? fallback
    : undefined;
}
