import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { ClusterEngines, ENGINES } from '../gitops';
import { locateFrom } from '../gitops/flux/locate';
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

/** The engines of a cluster in which Flux has these objects. */
export function fluxEngines(
  kustomizations: KustomizationObject[],
  gitRepositories: GitRepositoryObject[],
): ClusterEngines {
  const engines = new ClusterEngines({
    engines: ENGINES,
    cluster: {
      name: 'atlas',
      destination: {
        cluster: 'atlas',
        isRemote: false,
        names: [],
        addresses: [],
      },
      list: async ({ resource }) => {
        switch (resource) {
          case 'kustomizations':
            return { items: kustomizations };
          case 'gitrepositories':
            return { items: gitRepositories };
          default:
            return { servedVersions: [] };
        }
      },
    },
  });
  engines.start(['flux']);
  return engines;
}
