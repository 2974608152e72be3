import {
  ClusterObjectRef,
  SourceObstacle,
  TenantSourceLocation,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  GitRepositoryObject,
  KustomizationObject,
  ObjectMetadata,
  SourcedTenant,
} from '@rustfs-portal/plugin-rustfs-node';
import { readGitReference } from './readGitReference';

/** The objects of a kind of Flux in one cluster. */
export type FluxList<T> =
  | {
      items: T[];
      /** Those that are there, and not as they should be. */
      unreadable: Array<Pick<ObjectMetadata, 'name' | 'namespace'>>;
    }
  /** The cluster serves the kind in other versions only; empty: it does not know it. */
  | { servedVersions: string[] }
  /** It does not say now; a problem tells why. */
  | undefined;

/** What Flux has in one cluster. */
export interface FluxReading {
  kustomizations: FluxList<KustomizationObject>;
  gitRepositories: FluxList<GitRepositoryObject>;
}

/** The version of all Flux kinds that are read. */
const VERSION = 'v1';

type Located = Pick<
  SourcedTenant,
  'kustomization' | 'gitRepository' | 'location' | 'obstacle'
>;

/**
 * Where Git declares a Tenant: from the labels and annotations that its GitOps engine leaves on it to the Kustomization,
 * from there to repository, branch and folder. Where that leads nowhere, the obstacle; neither, when Flux cannot be read.
 */
export function locateTenant(
  tenant: ObjectMetadata,
  flux: FluxReading,
): Located {
  const appliedBy = findAppliedBy(tenant);
  if (!appliedBy) {
    return { obstacle: { code: 'not-tracked' } };
  }
  if (appliedBy.kind !== 'Kustomization') {
    return { obstacle: { code: 'engine-unsupported', appliedBy } };
  }
  return locateFrom(appliedBy, flux);
}

/** Where a Kustomization has its files from: as {@link locateTenant}, from what applies. */
export function locateFrom(
  appliedBy: ClusterObjectRef,
  flux: FluxReading,
): Located {
  const kustomization = find(flux.kustomizations, appliedBy);
  if (!isFound(kustomization)) {
    return { obstacle: kustomization };
  }
  const { kind, name, namespace } = kustomization.spec.sourceRef;
  const source = {
    kind,
    namespace: namespace ?? kustomization.metadata.namespace,
    name,
  };
  if (kind !== 'GitRepository') {
    return {
      kustomization,
      obstacle: { code: 'source-unsupported', appliedBy, source },
    };
  }
  const gitRepository = find(flux.gitRepositories, source);
  if (!isFound(gitRepository)) {
    return { kustomization, obstacle: gitRepository };
  }
  return {
    kustomization,
    gitRepository,
    ...locate({ appliedBy, kustomization, source, gitRepository }),
  };
}

function locate(options: {
  appliedBy: ClusterObjectRef;
  kustomization: KustomizationObject;
  source: ClusterObjectRef;
  gitRepository: GitRepositoryObject;
}): Pick<Located, 'location' | 'obstacle'> {
  const { appliedBy, kustomization, source, gitRepository } = options;
  const reference = readGitReference(gitRepository);
  if (reference.kind !== 'branch') {
    return { obstacle: { code: 'reference-fixed', source, reference } };
  }
  const written = kustomization.spec.path ?? '';
  const path = normalizePath(written);
  if (path === undefined) {
    return { obstacle: { code: 'folder-outside', appliedBy, path: written } };
  }
  const included = gitRepository.spec.include?.find(({ repository, toPath }) =>
    isWithin(path, normalizePath(toPath || repository.name)),
  );
  if (included) {
    return {
      obstacle: {
        code: 'folder-included',
        source,
        included: {
          kind: 'GitRepository',
          namespace: source.namespace,
          name: included.repository.name,
        },
        folder: path,
      },
    };
  }
  const location: TenantSourceLocation = {
    repository: gitRepository.spec.url,
    branch: reference.branch,
    path,
    appliedBy: `Kustomization ${appliedBy.namespace}/${appliedBy.name}`,
    revision: commitOf(kustomization.status?.lastAppliedRevision),
  };
  return { location };
}

/** The commit of a Flux revision such as `main@sha1:0a1b…`; repositories with SHA-256 have longer ones. */
export function commitOf(revision: string | undefined): string | undefined {
  return /(?:^|[^0-9a-f])([0-9a-f]{64}|[0-9a-f]{40})$/.exec(
    revision ?? '',
  )?.[1];
}

/** What applies an object, by the labels of Flux, and the annotations of Argo CD and Helm. */
function findAppliedBy({
  labels = {},
  annotations = {},
}: ObjectMetadata): ClusterObjectRef | undefined {
  const flux = (kind: string, group: string) => {
    const name = labels[`${group}.toolkit.fluxcd.io/name`];
    const namespace = labels[`${group}.toolkit.fluxcd.io/namespace`];
    return name && namespace ? { kind, namespace, name } : undefined;
  };
  return (
    flux('Kustomization', 'kustomize') ??
    flux('HelmRelease', 'helm') ??
    findApplication(
      annotations['argocd.argoproj.io/tracking-id']?.split(':')[0] ??
        labels['argocd.argoproj.io/instance'],
    ) ??
    findRelease(annotations)
  );
}

/** Argo CD names an Application that is not in its own namespace `<namespace>_<name>`. */
function findApplication(id: string | undefined): ClusterObjectRef | undefined {
  if (!id) {
    return undefined;
  }
  const [name, namespace] = id.split('_').reverse();
  return { kind: 'Application', namespace, name };
}

function findRelease(annotations: Record<string, string>) {
  const name = annotations['meta.helm.sh/release-name'];
  return name
    ? {
        kind: 'Helm release',
        namespace: annotations['meta.helm.sh/release-namespace'],
        name,
      }
    : undefined;
}

/** @returns the obstacle when it is not there; undefined when that cannot be told */
function find<T extends { metadata: ObjectMetadata }>(
  list: FluxList<T>,
  object: ClusterObjectRef,
): T | SourceObstacle | undefined {
  if (!list) {
    return undefined;
  }
  if ('servedVersions' in list) {
    const { servedVersions } = list;
    return {
      code: 'version-unsupported',
      object,
      neededVersion: VERSION,
      servedVersions,
    };
  }
  const isMeant = ({
    name,
    namespace,
  }: Pick<ObjectMetadata, 'name' | 'namespace'>) =>
    name === object.name && namespace === object.namespace;
  return (
    list.items.find(({ metadata }) => isMeant(metadata)) ?? {
      code: list.unreadable.some(isMeant)
        ? 'object-unreadable'
        : 'object-missing',
      object,
    }
  );
}

function isFound<T extends { metadata: ObjectMetadata }>(
  found: T | SourceObstacle | undefined,
): found is T {
  return found !== undefined && 'metadata' in found;
}

/** A folder as the forge names it: `./a//b/./c/` is `a/b/c`; undefined when it may lie outside. */
function normalizePath(path: string): string | undefined {
  const segments = path
    .split('/')
    .filter(segment => segment !== '' && segment !== '.');
  return segments.includes('..') ? undefined : segments.join('/');
}

function isWithin(path: string, folder: string | undefined): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
