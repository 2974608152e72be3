import { useEntityPresentation } from '@backstage/plugin-catalog-react';
import { parseRef } from '../../lib/entityRefs';

/** The title of an entity, as everywhere in the portal: "Checkout" and not "group:default/checkout". */
export function EntityName(props: { entityRef: string }) {
  const name = useEntityName(props.entityRef);
  return <span title={props.entityRef}>{name}</span>;
}

/** As {@link EntityName}, for where only text can stand. */
export function useEntityName(entityRef: string): string {
  // Without a title, the name alone says enough where the kind is clear from its place.
  const { primaryTitle } = useEntityPresentation(entityRef, {
    defaultKind: parseRef(entityRef)?.kind,
  });
  return primaryTitle;
}
