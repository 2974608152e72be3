import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { locateFrom } from '../gitops';
import {
  GitRepositoryObject,
  KustomizationObject,
} from '../gitops/flux/objects';

/** A tenant of which nothing is known but that it is there. */
export function bareFacts(ref: string): TenantFacts {
  return {
    ref,
    endpoints: {},
    items: [],
    unlisted: { reason: 'NotDeclared', message: 'Nothing declares it' },
    records: [],
    unreadRecords: [],
    accesses: [],
    unreadAccesses: [],
  };
}

/** The place that objects of Flux lead to. */
export function fluxPlace(
  kustomization: KustomizationObject,
  gitRepository: GitRepositoryObject,
): Pick<TenantFacts, 'place' | 'obstacle'> {
  return locateFrom(
    { kind: 'Kustomization', ...kustomization.metadata },
    {
      kustomizations: { items: [kustomization], unreadable: [] },
      gitRepositories: { items: [gitRepository], unreadable: [] },
    },
  );
}
