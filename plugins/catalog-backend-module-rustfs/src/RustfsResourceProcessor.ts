import {
  DEFAULT_NAMESPACE,
  Entity,
  getCompoundEntityRef,
  parseEntityRef,
  RELATION_DEPENDS_ON,
  RELATION_OWNED_BY,
} from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import {
  CatalogProcessor,
  CatalogProcessorEmit,
  processingResult,
} from '@backstage/plugin-catalog-node';
import { API_VERSION, ResourceSpec } from './resources';

/**
 * Gives the resources of the provider their relations, in one direction only: a `Resource` of the catalog's own has its
 * name on the group that owns it and on everything that it depends on, for all who may read those, whatever the
 * permission policy says of the resource itself.
 */
export class RustfsResourceProcessor implements CatalogProcessor {
  getProcessorName(): string {
    return 'RustfsResourceProcessor';
  }

  async validateEntityKind(entity: Entity): Promise<boolean> {
    if (!isOurs(entity)) {
      return false;
    }
    readSpec(entity);
    return true;
  }

  async postProcessEntity(
    entity: Entity,
    _location: unknown,
    emit: CatalogProcessorEmit,
  ): Promise<Entity> {
    if (!isOurs(entity)) {
      return entity;
    }
    const source = getCompoundEntityRef(entity);
    const { ownedBy, tenant } = readSpec(entity);
    const relate = (type: string, ref: string, defaultKind: string) =>
      emit(
        processingResult.relation({
          source,
          type,
          target: parseEntityRef(ref, {
            defaultKind,
            defaultNamespace: DEFAULT_NAMESPACE,
          }),
        }),
      );
    relate(RELATION_OWNED_BY, ownedBy, 'group');
    if (tenant) {
      relate(RELATION_DEPENDS_ON, tenant, 'resource');
    }
    return entity;
  }
}

function isOurs({ apiVersion, kind }: Entity): boolean {
  return apiVersion === API_VERSION && kind === 'Resource';
}

function readSpec({ spec }: Entity): ResourceSpec {
  const { type, ownedBy, tenant } = spec ?? {};
  if (typeof type !== 'string' || typeof ownedBy !== 'string') {
    throw new InputError(
      `A Resource of ${API_VERSION} needs spec.type and spec.ownedBy, for example group:default/checkout`,
    );
  }
  return {
    type,
    ownedBy,
    ...(typeof tenant === 'string' && { tenant }),
  };
}
