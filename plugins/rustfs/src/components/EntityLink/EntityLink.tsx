import { DEFAULT_NAMESPACE, parseEntityRef } from '@backstage/catalog-model';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';

/** The name of an entity, linked to its page where the catalog has one. */
export function EntityLink(props: { entityRef: string }) {
  const { entityRef } = props;
  const entityPage = useRouteRef(entityRouteRef);
  const parsed = parse(entityRef);
  if (!parsed) {
    return <>{entityRef}</>;
  }
  const { kind, namespace, name } = parsed;
  const href = entityPage?.({
    kind: kind.toLowerCase(),
    namespace: namespace.toLowerCase(),
    name,
  });
  return href ? (
    <Link href={href} title={entityRef}>
      {entityName(entityRef)}
    </Link>
  ) : (
    <span title={entityRef}>{entityName(entityRef)}</span>
  );
}

/** The name of an entity as people say it: without kind, and without the default namespace. */
export function entityName(entityRef: string): string {
  const parsed = parse(entityRef);
  if (!parsed) {
    return entityRef;
  }
  return parsed.namespace === DEFAULT_NAMESPACE
    ? parsed.name
    : `${parsed.namespace}/${parsed.name}`;
}

function parse(entityRef: string) {
  try {
    return parseEntityRef(entityRef);
  } catch {
    return undefined;
  }
}
