import { RE2JS } from 're2js';
import { isRecord, Metadata, RenderedObject } from './RenderedObject';

/**
 * Whether a target or selector may choose an object. Kustomize reads group, version, kind, name and namespace as regular
 * expressions that match as a whole, and finds an object by what it was called at first as well as by what it is called
 * now. What cannot be told counts as yes.
 */
export function mayChoose(selector: unknown, object: RenderedObject): boolean {
  if (!isRecord(selector)) {
    return true;
  }
  const namespaces = object.namespaces.flatMap(namespace =>
    namespace === undefined ? ['', 'default'] : [namespace],
  );
  return (
    matches(selector.group, [object.group]) &&
    matches(selector.version, [object.version]) &&
    matches(selector.kind, [object.kind]) &&
    matches(selector.name, object.names) &&
    matches(selector.namespace, namespaces) &&
    mayHave(selector.labelSelector, object.labels) &&
    mayHave(selector.annotationSelector, object.annotations)
  );
}

function matches(pattern: unknown, texts: string[]): boolean {
  if (typeof pattern !== 'string' || pattern === '') {
    return true;
  }
  try {
    // Kustomize's own engine: other dialects read some patterns otherwise, or take for ever.
    const whole = RE2JS.compile(`^(?:${pattern})$`);
    return texts.some(text => whole.matcher(text).find());
  } catch {
    return true;
  }
}

/** A selector of labels: `a=b,c!=d,e,!f,g in (h,i)`. */
function mayHave(selector: unknown, values: Metadata): boolean {
  if (typeof selector !== 'string' || !selector.trim() || !values) {
    return true;
  }
  return (selector.match(/(?:\([^)]*\)|[^,(])+/g) ?? []).every(part => {
    const term = part.trim();
    const equality = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(term);
    if (equality) {
      const [, key, operator, value] = equality;
      return (values.get(key) === value) === (operator !== '!=');
    }
    const set = /^([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
    if (set) {
      const [, key, operator, list] = set;
      const value = values.get(key);
      const isIn =
        value !== undefined &&
        list
          .split(',')
          .map(text => text.trim())
          .includes(value);
      return isIn === (operator === 'in');
    }
    const existence = /^(!?)\s*([\w./-]+)$/.exec(term);
    return existence ? values.has(existence[2]) === !existence[1] : true;
  });
}
