import {
  BuildOptions,
  ClusterObjectRef,
  Problem,
  SourceObstacle,
} from '@rustfs-portal/plugin-rustfs-common';

/**
 * Stands for the branch that a repository has by default, where an engine follows that one whatever its name.
 *
 * @public
 */
export const DEFAULT_BRANCH = 'HEAD';

/**
 * How a GitOps engine brings a folder of a repository into a cluster.
 *
 * @public
 */
export interface PlaceLink {
  /** What applies it: `{ kind: 'Kustomization', namespace: 'flux-system', name: 'storage' }`. */
  object: ClusterObjectRef;
  /** The address of the repository as the engine reads it. */
  repository: string;
  /** Or {@link DEFAULT_BRANCH}. */
  branch: string;
  /** Without leading `./`; empty is the whole repository. */
  folder: string;
  /**
   * What applies the object itself, from the nearest on, where that is declared in Git too: the parent of an Application in an app
   * of apps.
   */
  through?: ClusterObjectRef[];
  /** What has made the object of a pattern, and would put back what is changed of it: `ApplicationSet`. */
  madeBy?: ClusterObjectRef;
  /** Commit last applied. */
  revision?: string;
  /** What the engine does to the files on their way. */
  build: BuildOptions;
}

/**
 * What a GitOps engine says of a place now. Only the code of that engine reads it: plain data that JSON can hold, without
 * secrets.
 *
 * @public
 */
export interface EngineState {
  /** Id of the engine: `flux`. */
  engine: string;
  state: unknown;
}

/**
 * A place in Git as a source has found it.
 *
 * @public
 */
export interface SourcedPlace {
  /** Undefined where nothing that is merged would come into the cluster. */
  link?: PlaceLink;
  /** Other folders of the same repository and branch that the engine brings into the same cluster. */
  others?: PlaceLink[];
  /** Undefined where the engine says nothing, or not all that is needed. */
  said?: EngineState;
}

/**
 * One look at a place.
 *
 * @public
 */
export interface PlaceReading {
  /** Undefined where nothing was found. */
  place?: SourcedPlace;
  /** Why no change can be proposed there. */
  obstacle?: SourceObstacle;
  /** What could not be read. */
  problems: Problem[];
}
