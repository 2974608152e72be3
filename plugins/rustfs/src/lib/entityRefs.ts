import { DEFAULT_NAMESPACE, parseEntityRef } from '@backstage/catalog-model';

/** The name of an entity as people say it: without kind, and without the default namespace. */
export function entityName(entityRef: string): string {
  const parsed = parseRef(entityRef);
  if (!parsed) {
    return entityRef;
  }
  return parsed.namespace === DEFAULT_NAMESPACE
    ? parsed.name
    : `${parsed.namespace}/${parsed.name}`;
}

/** The parts of an entity reference; undefined when it is none, as a record that was written by hand may have. */
export function parseRef(entityRef: string) {
  try {
    return parseEntityRef(entityRef);
  } catch {
    return undefined;
  }
}
