import {
  ClusterObjectRef,
  SourceObstacle,
} from '@rustfs-portal/plugin-rustfs-common';
import { PlaceReading } from '@rustfs-portal/plugin-rustfs-node';
import { ObjectMetadata } from '../../kubernetes';
import { toEngineState } from './FluxObjects';
import { GitRepositoryObject, KustomizationObject } from './objects';
import { readBuildOptions } from './readBuildOptions';
import { FluxList, FluxReading } from './readFlux';
import { readGitReference } from './readGitReference';

/** The version of all Flux kinds that are read. */
const VERSION = 'v1';

type Located = Omit<PlaceReading, 'problems'>;

/** What of an object says who applies it. */
type Tracked = Pick<ObjectMetadata, 'annotations' | 'labels'>;

/**
 * Where Git declares an object: from the labels and annotations that its GitOps engine leaves on it to the Kustomization,
 * from there to repository, branch and folder. Where that leads nowhere, the obstacle; neither, when Flux cannot be read.
 */
export function locateObject(object: Tracked, flux: FluxReading): Located {
  const appliedBy = findAppliedBy(object);
  if (!appliedBy) {
    return { obstacle: { code: 'not-tracked' } };
  }
  if (appliedBy.kind !== 'Kustomization') {
    return { obstacle: { code: 'engine-unsupported', appliedBy } };
  }
  return locateFrom(appliedBy, flux);
}

/** Where a Kustomization has its files from: as {@link locateObject}, from what applies. */
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
    return { obstacle: { code: 'source-unsupported', appliedBy, source } };
  }
  const gitRepository = find(flux.gitRepositories, source);
  if (!isFound(gitRepository)) {
    return { obstacle: gitRepository };
  }
  const said = toEngineState({ kustomization, gitRepository });
  const reference = readGitReference(gitRepository);
  if (reference.kind !== 'branch') {
    return {
      place: { said },
      obstacle: { code: 'reference-fixed', source, reference },
    };
  }
  const written = kustomization.spec.path ?? '';
  const folder = normalizePath(written);
  if (folder === undefined) {
    return {
      place: { said },
      obstacle: { code: 'folder-outside', appliedBy, path: written },
    };
  }
  const included = gitRepository.spec.include?.find(({ repository, toPath }) =>
    isWithin(folder, normalizePath(toPath || repository.name)),
  );
  if (included) {
    return {
      place: { said },
      obstacle: {
        code: 'folder-included',
        source,
        included: {
          kind: 'GitRepository',
          namespace: source.namespace,
          name: included.repository.name,
        },
        folder,
      },
    };
  }
  const link = {
    repository: gitRepository.spec.url,
    branch: reference.branch,
  };
  return {
    place: {
      said,
      link: {
        ...link,
        object: appliedBy,
        folder,
        revision: commitOf(kustomization.status?.lastAppliedRevision),
        build: readBuildOptions(kustomization, gitRepository),
      },
      others: itemsOf(flux.kustomizations)
        .filter(other => other !== kustomization)
        .flatMap(other => {
          const itsRepository = itemsOf(flux.gitRepositories).find(repository =>
            isSourceOf(repository, other),
          );
          const path = normalizePath(other.spec.path ?? '');
          return !itsRepository ||
            filesOf(itsRepository) !== filesOf(gitRepository) ||
            path === undefined
            ? []
            : [
                {
                  ...link,
                  object: {
                    kind: 'Kustomization',
                    namespace: other.metadata.namespace,
                    name: other.metadata.name,
                  },
                  folder: path,
                  build: readBuildOptions(other, itsRepository),
                },
              ];
        }),
    },
  };
}

function itemsOf<T>(list: FluxList<T>): T[] {
  return list && 'items' in list ? list.items : [];
}

function isSourceOf(
  { metadata }: GitRepositoryObject,
  { metadata: { namespace: own }, spec }: KustomizationObject,
): boolean {
  const { kind, name, namespace = own } = spec.sourceRef;
  return (
    kind === 'GitRepository' &&
    metadata.name === name &&
    metadata.namespace === namespace
  );
}

/**
 * By which GitRepositories with the same files are told: there may be several for one branch, for example one in each
 * namespace, and by HTTPS as well as by SSH. Undefined where it follows no branch.
 */
function filesOf(repository: GitRepositoryObject): string | undefined {
  const reference = readGitReference(repository);
  const { url } = repository.spec;
  const [, host, path] =
    /^(?:[a-z+]+:\/\/)?(?:[^@/]*@)?([^/:]+)(?::\d+(?=\/))?[/:]+(.+?)(?:\.git)?\/*$/i.exec(
      url,
    ) ?? [];
  return reference.kind === 'branch'
    ? [host ? `${host.toLowerCase()}/${path}` : url, reference.branch].join(' ')
    : undefined;
}

/** The commit of a Flux revision such as `main@sha1:0a1b…`; repositories with SHA-256 have longer ones. */
export function commitOf(revision: string | undefined): string | undefined {
  return /(?:^|[^0-9a-f])([0-9a-f]{64}|[0-9a-f]{40})$/.exec(
    revision ?? '',
  )?.[1];
}

/** What applies an object, by the labels of Flux, and the annotations of Argo CD and Helm. */
function findAppliedBy(object: Tracked): ClusterObjectRef | undefined {
  const { labels = {}, annotations = {} } = object;
  return (
    ownerOf(object, 'Kustomization', 'kustomize') ??
    ownerOf(object, 'HelmRelease', 'helm') ??
    findApplication(
      annotations['argocd.argoproj.io/tracking-id']?.split(':')[0] ??
        labels['argocd.argoproj.io/instance'],
    ) ??
    findRelease(object)
  );
}

/** The release of Helm that an object is of, whatever applies the release. */
export function findHelmRelease(object: Tracked): ClusterObjectRef | undefined {
  return ownerOf(object, 'HelmRelease', 'helm') ?? findRelease(object);
}

/** An object of Flux, by the labels that it leaves. */
function ownerOf(
  { labels = {} }: Tracked,
  kind: string,
  group: string,
): ClusterObjectRef | undefined {
  const name = labels[`${group}.toolkit.fluxcd.io/name`];
  const namespace = labels[`${group}.toolkit.fluxcd.io/namespace`];
  return name && namespace ? { kind, namespace, name } : undefined;
}

/** Argo CD names an Application that is not in its own namespace `<namespace>_<name>`. */
function findApplication(id: string | undefined): ClusterObjectRef | undefined {
  if (!id) {
    return undefined;
  }
  const [name, namespace] = id.split('_').reverse();
  return { kind: 'Application', namespace, name };
}

function findRelease({
  annotations = {},
}: Tracked): ClusterObjectRef | undefined {
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
