import { useRouteRef } from '@backstage/frontend-plugin-api';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import { parseRef } from '../../lib/entityRefs';
import { EntityName } from '../EntityName';

/** The title of an entity, linked to its page where the catalog has one. */
export function EntityLink(props: { entityRef: string }) {
  const { entityRef } = props;
  const entityPage = useRouteRef(entityRouteRef);
  const parsed = parseRef(entityRef);
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
    <Link href={href}>
      <EntityName entityRef={entityRef} />
    </Link>
  ) : (
    <EntityName entityRef={entityRef} />
  );
}
