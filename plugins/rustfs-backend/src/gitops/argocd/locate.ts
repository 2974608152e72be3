import {
  ClusterObjectRef,
  SourceObstacle,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  DEFAULT_BRANCH,
  EngineCluster,
  EngineList,
  Located,
  PlaceLink,
  TrackedObject,
} from '@rustfs-portal/plugin-rustfs-node';
import { normalizeFolder } from '../normalizeFolder';
import {
  itemsOf,
  ObjectList,
  parseList,
  unservedObstacle,
} from '../ObjectList';
import { plainAddressOf } from '../plainAddressOf';
import {
  ApplicationObject,
  applicationSchema,
  ApplicationSource,
  sourcesOf,
} from './ApplicationObject';
import { ApplicationState, isEntryOf, toEngineState } from './ApplicationState';
import { appliedRevisionOf } from './revisions';
import { readBuildOptions } from './readBuildOptions';
import { readTargetRevision } from './readTargetRevision';
import { APPLICATION, findAppliedBy, isTrackedById } from './tracking';

const VERSION = 'v1alpha1';

/** Where Argo CD is installed by its own manifests. */
const DEFAULT_NAMESPACE = 'argocd';

/** Addresses and names by which Argo CD calls the cluster that it runs in. */
const IN_CLUSTER =
  /^https:\/\/kubernetes\.default(\.svc(\.cluster\.local)?)?(:443)?\/?$/;
const IN_CLUSTER_NAME = 'in-cluster';

/** An app of apps has a few levels; more are a circle. */
const MAX_LEVELS = 10;

/** The Applications of the cluster in which Argo CD runs. */
export class Applications {
  readonly #list: ObjectList<ApplicationObject>;
  readonly #destination: EngineCluster['destination'];
  readonly #namespace: string;

  /** @param namespace - of Argo CD */
  constructor(
    list: EngineList,
    destination: EngineCluster['destination'],
    namespace: string = DEFAULT_NAMESPACE,
  ) {
    this.#list = parseList(list, applicationSchema);
    this.#destination = destination;
    this.#namespace = namespace;
  }

  /** Where Git declares an object that an Application has applied. */
  locate(object: TrackedObject): Located {
    const appliedBy = findAppliedBy(object);
    if (!appliedBy) {
      return {};
    }
    const found = this.find(appliedBy);
    if (isTrackedById(object) || !this.#list) {
      return this.#locateFound(found, object);
    }
    // Others set that label, too: the list of the Application is the proof, where not everybody can write it.
    return found &&
      'metadata' in found &&
      found.metadata.namespace === this.#namespace &&
      lists(found, object)
      ? this.#locateFound(found, object)
      : { obstacle: { code: 'not-tracked' } };
  }

  /** Where an Application has its files from. */
  locateFrom(appliedBy: ClusterObjectRef): Located {
    return this.#locateFound(this.find(appliedBy));
  }

  /** Where the Application itself is declared that has applied an object: the parent in an app of apps. */
  locateParent(object: TrackedObject): Located {
    const appliedBy = findAppliedBy(object);
    const found = appliedBy && this.find(appliedBy);
    const own = found && 'metadata' in found ? found : undefined;
    const parent = own && this.#parentOf(own);
    return parent
      ? this.#locateApplication(parent, undefined, {
          namespace: own.metadata.namespace,
          project: own.spec.project,
          destination: own.spec.destination,
        })
      : {};
  }

  /** An Application by name, in the namespace of Argo CD where none is said. */
  find(
    appliedBy: ClusterObjectRef,
  ): ApplicationObject | SourceObstacle | undefined {
    if (!this.#list) {
      return undefined;
    }
    if ('servedVersions' in this.#list) {
      return unservedObstacle(appliedBy, VERSION, this.#list);
    }
    // Whoever may write Applications elsewhere can give them any name and any status.
    const namespace = appliedBy.namespace ?? this.#namespace;
    const isMeant = (other: { name: string; namespace: string }) =>
      other.name === appliedBy.name && other.namespace === namespace;
    const found = this.#list.items.find(({ metadata }) => isMeant(metadata));
    if (!found) {
      return {
        code: this.#list.unreadable.some(isMeant)
          ? 'object-unreadable'
          : 'object-missing',
        object: appliedBy,
      };
    }
    if (!this.#isHere(found)) {
      const { name, server } = found.spec.destination;
      return {
        code: 'destination-elsewhere',
        object: toReference(found),
        destination: name ?? server ?? '',
      };
    }
    return found;
  }

  #locateFound(
    found: ApplicationObject | SourceObstacle | undefined,
    object?: TrackedObject,
  ): Located {
    if (!found) {
      return {};
    }
    return 'code' in found
      ? { obstacle: found }
      : this.#locateApplication(found, object);
  }

  #locateApplication(
    application: ApplicationObject,
    object?: TrackedObject,
    child?: ApplicationState['child'],
  ): Located {
    const { isRemote } = this.#destination;
    const appliedBy = toReference(application);
    const chosen = chooseSource(application);
    if ('code' in chosen) {
      return {
        // It still says how far it is, for what was proposed before it was so.
        place: {
          said: toEngineState({
            application,
            isRemote,
            sourceIndex: 0,
            object,
          }),
        },
        obstacle: chosen,
      };
    }
    const { index, source } = chosen;
    const place = {
      said: toEngineState({
        application,
        isRemote,
        sourceIndex: index,
        child,
        object: object && {
          kind: object.kind,
          namespace: object.namespace,
          name: object.name,
        },
      }),
    };
    const reference = readTargetRevision(source.targetRevision);
    if (reference.kind !== 'branch') {
      return {
        place,
        obstacle: { code: 'reference-fixed', source: appliedBy, reference },
      };
    }
    const link = this.#toLink(application, index, source);
    if (!link) {
      return {
        place,
        obstacle: {
          code: 'folder-outside',
          appliedBy,
          path: source.path ?? '',
        },
      };
    }
    const through = this.#ancestorsOf(application).map(toReference);
    const set = application.metadata.ownerReferences?.find(
      ({ kind }) => kind === 'ApplicationSet',
    );
    return {
      place: {
        ...place,
        link: {
          ...link,
          ...(through.length && { through }),
          ...(set && {
            madeBy: {
              kind: set.kind,
              namespace: application.metadata.namespace,
              name: set.name,
            },
          }),
        },
        others: this.#othersOf(application, source),
      },
    };
  }

  #toLink(
    application: ApplicationObject,
    index: number,
    source: ApplicationSource,
  ): PlaceLink | undefined {
    const folder = normalizeFolder(source.path ?? '');
    const reference = readTargetRevision(source.targetRevision);
    return folder === undefined || reference.kind !== 'branch'
      ? undefined
      : {
          object: toReference(application),
          repository: source.repoURL,
          branch: reference.branch,
          folder,
          revision: appliedRevisionOf(application, index),
          build: readBuildOptions(source),
        };
  }

  /** Other Applications that bring files of the same branch into the same cluster. */
  #othersOf(application: ApplicationObject, source: ApplicationSource) {
    return itemsOf(this.#list)
      .filter(other => other !== application && this.#isHere(other))
      .flatMap(other =>
        sourcesOf(other).flatMap((theirs, index) =>
          isFolder(other, theirs, index) &&
          plainAddressOf(theirs.repoURL) === plainAddressOf(source.repoURL)
            ? this.#toLink(other, index, theirs) ?? []
            : [],
        ),
      )
      .filter(
        ({ branch }) =>
          branch === this.#branchOf(source) ||
          [branch, this.#branchOf(source)].includes(DEFAULT_BRANCH),
      );
  }

  #branchOf({ targetRevision }: ApplicationSource): string | undefined {
    const reference = readTargetRevision(targetRevision);
    return reference.kind === 'branch' ? reference.branch : undefined;
  }

  #parentOf({ metadata }: ApplicationObject): ApplicationObject | undefined {
    const object = { kind: APPLICATION, ...metadata };
    const appliedBy = findAppliedBy(object);
    const namespace = appliedBy?.namespace ?? this.#namespace;
    // An Application lies in the cluster of Argo CD, whatever it applies into. The word of the child alone is no proof.
    return (
      appliedBy &&
      itemsOf(this.#list).find(
        other =>
          other.metadata.name === appliedBy.name &&
          other.metadata.namespace === namespace &&
          (isInCluster(other) ||
            (!this.#destination.isRemote && this.#isHere(other))) &&
          lists(other, object),
      )
    );
  }

  #ancestorsOf(application: ApplicationObject): ApplicationObject[] {
    const found: ApplicationObject[] = [];
    let parent = this.#parentOf(application);
    while (parent && found.length < MAX_LEVELS && !found.includes(parent)) {
      found.push(parent);
      parent = this.#parentOf(parent);
    }
    return found;
  }

  #isHere(application: ApplicationObject): boolean {
    const { destination } = application.spec;
    const { addresses, isRemote, names } = this.#destination;
    const { name, server } = destination;
    if (isInCluster(application)) {
      // Of a hub, that is the hub, whatever this cluster calls itself.
      return !isRemote;
    }
    return (
      (name !== undefined && name !== '' && names.includes(name)) ||
      (server !== undefined &&
        addresses.some(address => withoutEnd(address) === withoutEnd(server)))
    );
  }
}

/** Whether it applies into the cluster in which Argo CD runs. */
function isInCluster({
  spec: {
    destination: { name, server = '' },
  },
}: ApplicationObject): boolean {
  return name === IN_CLUSTER_NAME || IN_CLUSTER.test(server);
}

function withoutEnd(address: string): string {
  return address.replace(/\/+$/, '').toLowerCase();
}

function lists(
  { status }: ApplicationObject,
  { kind, name, namespace }: TrackedObject,
): boolean {
  return Boolean(
    status?.resources?.some(entry =>
      isEntryOf(entry, { kind, name, namespace }),
    ),
  );
}

export function toReference({
  metadata,
}: ApplicationObject): ClusterObjectRef & { namespace: string } {
  return {
    kind: APPLICATION,
    namespace: metadata.namespace,
    name: metadata.name,
  };
}

/** The source that has the files of plain manifests. */
function chooseSource(
  application: ApplicationObject,
): { index: number; source: ApplicationSource } | SourceObstacle {
  const appliedBy = toReference(application);
  const { sourceHydrator } = application.spec;
  if (sourceHydrator) {
    // What is merged is merged into the dry source; the rest follows.
    return { index: 0, source: sourceHydrator.drySource };
  }
  const sources = sourcesOf(application);
  const folders = sources.flatMap((source, index) =>
    isFolder(application, source, index) ? [{ index, source }] : [],
  );
  if (folders.length === 1) {
    return folders[0];
  }
  return folders.length
    ? { code: 'source-unclear', appliedBy }
    : {
        code: 'render-unsupported',
        appliedBy,
        render: describeRender(application, sources),
      };
}

/** Whether a source is a folder of manifests, with or without a kustomization. */
function isFolder(
  { status }: ApplicationObject,
  source: ApplicationSource,
  index: number,
): boolean {
  const type = status?.sourceTypes?.[index] ?? status?.sourceType;
  return (
    source.path !== undefined &&
    !source.chart &&
    !source.helm &&
    !source.plugin &&
    (!type || type === 'Directory' || type === 'Kustomize')
  );
}

function describeRender(
  { status }: ApplicationObject,
  sources: ApplicationSource[],
): string {
  const types = [status?.sourceType, ...(status?.sourceTypes ?? [])];
  if (
    types.includes('Helm') ||
    sources.some(({ chart, helm }) => chart || helm)
  ) {
    return 'Helm chart';
  }
  return sources.some(({ plugin }) => plugin) || types.includes('Plugin')
    ? 'config management plugin'
    : 'source without a folder';
}
