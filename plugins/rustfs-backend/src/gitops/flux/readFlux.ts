import { EngineCluster } from '@rustfs-portal/plugin-rustfs-node';
import { ObjectList, parseList } from '../ObjectList';
import { HelmReleaseObject, helmReleaseSchema } from './helmRelease';
import {
  GitRepositoryObject,
  gitRepositorySchema,
  KustomizationObject,
  kustomizationSchema,
} from './objects';

const KUSTOMIZATIONS = {
  api: '/apis/kustomize.toolkit.fluxcd.io/v1',
  resource: 'kustomizations',
};
const HELM_RELEASES = {
  api: '/apis/helm.toolkit.fluxcd.io/v2',
  resource: 'helmreleases',
};
const GIT_REPOSITORIES = {
  api: '/apis/source.toolkit.fluxcd.io/v1',
  resource: 'gitrepositories',
};

/** What Flux has in one cluster. */
export interface FluxReading {
  kustomizations: ObjectList<KustomizationObject>;
  gitRepositories: ObjectList<GitRepositoryObject>;
}

/** Reads what brings folders of Git into a cluster, in two calls. */
export async function readFlux(cluster: EngineCluster): Promise<FluxReading> {
  const [kustomizations, gitRepositories] = await Promise.all([
    cluster.list(KUSTOMIZATIONS),
    cluster.list(GIT_REPOSITORIES),
  ]);
  return {
    kustomizations: onlyFor(
      cluster,
      parseList(kustomizations, kustomizationSchema),
    ),
    gitRepositories: parseList(gitRepositories, gitRepositorySchema),
  };
}

/** Of a hub, those that apply into other clusters, and else those that do not: a name may be there twice. */
function onlyFor(
  { destination }: EngineCluster,
  list: ObjectList<KustomizationObject>,
): ObjectList<KustomizationObject> {
  return list && 'items' in list
    ? {
        ...list,
        items: list.items.filter(
          ({ spec }) => Boolean(spec.kubeConfig) === destination.isRemote,
        ),
      }
    : list;
}

/** Reads what Helm has installed through Flux, in one call. */
export async function readHelmReleases(
  cluster: EngineCluster,
): Promise<ObjectList<HelmReleaseObject>> {
  return parseList(await cluster.list(HELM_RELEASES), helmReleaseSchema);
}
