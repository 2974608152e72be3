import {
  ClusterObjectRef,
  SourceObstacle,
} from '@rustfs-portal/plugin-rustfs-common';
import { Located, TrackedObject } from '@rustfs-portal/plugin-rustfs-node';
import { ObjectMetadata } from '../../kubernetes';
import { normalizeFolder } from '../normalizeFolder';
import { plainAddressOf } from '../plainAddressOf';
import { itemsOf, ObjectList, unservedObstacle } from '../ObjectList';
import { toEngineState } from './FluxObjects';
import { GitRepositoryObject, KustomizationObject } from './objects';
import { readBuildOptions } from './readBuildOptions';
import { FluxReading } from './readFlux';
import { commitOf } from '../commitOf';
import { readGitReference } from './readGitReference';

/** The version of all Flux kinds that are read. */
const VERSION = 'v1';

/**
 * Where Git declares an object: from the labels that Flux leaves on it to the Kustomization, from there to repository, branch
 * and folder. Where that leads nowhere, the obstacle; neither, when Flux cannot be read.
 */
export function locateObject(
  object: TrackedObject,
  flux: FluxReading,
): Located {
  const appliedBy = findAppliedBy(object);
  if (!appliedBy) {
    return {};
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
  const folder = normalizeFolder(written);
  if (folder === undefined) {
    return {
      place: { said },
      obstacle: { code: 'folder-outside', appliedBy, path: written },
    };
  }
  const included = gitRepository.spec.include?.find(({ repository, toPath }) =>
    isWithin(folder, normalizeFolder(toPath || repository.name)),
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
          const path = normalizeFolder(other.spec.path ?? '');
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
  return reference.kind === 'branch'
    ? [plainAddressOf(repository.spec.url), reference.branch].join(' ')
    : undefined;
}

/** What applies an object, by the labels of Flux. */
export function findAppliedBy(
  object: TrackedObject,
): ClusterObjectRef | undefined {
  return (
    ownerOf(object, 'Kustomization', 'kustomize') ??
    ownerOf(object, 'HelmRelease', 'helm')
  );
}

/** The HelmRelease that an object is of. */
export function findHelmRelease(
  object: TrackedObject,
): ClusterObjectRef | undefined {
  return ownerOf(object, 'HelmRelease', 'helm');
}

/** An object of Flux, by the labels that it leaves. */
function ownerOf(
  { labels = {} }: TrackedObject,
  kind: string,
  group: string,
): ClusterObjectRef | undefined {
  const name = labels[`${group}.toolkit.fluxcd.io/name`];
  const namespace = labels[`${group}.toolkit.fluxcd.io/namespace`];
  return name && namespace ? { kind, namespace, name } : undefined;
}

/** @returns the obstacle when it is not there; undefined when that cannot be told */
function find<T extends { metadata: ObjectMetadata }>(
  list: ObjectList<T>,
  object: ClusterObjectRef,
): T | SourceObstacle | undefined {
  if (!list) {
    return undefined;
  }
  if ('servedVersions' in list) {
    return unservedObstacle(object, VERSION, list);
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

function isWithin(path: string, folder: string | undefined): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
