import {
  ClusterObjectRef,
  InstalledBy,
} from '@rustfs-portal/plugin-rustfs-common';
import { ClusterKind, TrackedObject } from '../layouts/Provisioner';
import { PlaceReading, SourcedPlace } from '../sources/SourcedPlace';

/**
 * The objects of a kind in a cluster: those that it has; in which other versions it serves the kind, none when it does not
 * know it; undefined while it does not say, which a problem tells of.
 *
 * @public
 */
export type EngineList =
  | { items: unknown[]; servedVersions?: undefined }
  | { items?: undefined; servedVersions: string[] }
  | undefined;

/**
 * The cluster in which an engine runs, with the rights that the portal has there.
 *
 * @public
 */
export interface EngineCluster {
  /** Its name in the configuration. */
  readonly name: string;
  /**
   * The cluster that is looked at: another one where an engine applies from a hub. `addresses` and `names` are those by which
   * an engine may call it as the destination of what it applies; none where the engine runs in it.
   */
  readonly destination: {
    cluster: string;
    isRemote: boolean;
    names: string[];
    addresses: string[];
  };
  /** The namespace of the engine, where the configuration names it. */
  readonly namespace?: string;
  /** Lists a kind in all namespaces, in one call. Never throws for what the cluster answers. */
  list(kind: ClusterKind): Promise<EngineList>;
}

/**
 * Where something is declared, or why nothing can be proposed there; neither while that cannot be told.
 *
 * @public
 */
export type Located = Omit<PlaceReading, 'problems'>;

/**
 * What installed the workload of a tenant, and where Git declares that.
 *
 * @public
 */
export interface Installation {
  installedBy?: InstalledBy;
  installedAt?: SourcedPlace;
}

/**
 * What an engine has in one cluster at one moment.
 *
 * @public
 */
export interface EngineView {
  /** Where an object is declared that {@link GitOpsEngine.findAppliedBy} has found an answer for. */
  locate(object: TrackedObject): Located;
  /** Where something that applies has its files from. */
  locateFrom(appliedBy: ClusterObjectRef): Located;
  /**
   * Why what the portal has declared to apply a new folder has not applied it, in the words of the engine.
   *
   * @param name - of the object that applies it
   * @returns undefined where there is no such object, or nothing is in its way
   */
  whyNotApplied(name: string): string | undefined;
  /**
   * What installed workloads, and where Git declares that: where new objects of the engine itself would be put. It may need
   * one call more. Without it, that is where the workloads are declared.
   *
   * @returns one for each of them
   */
  describeInstallations?(objects: TrackedObject[]): Promise<Installation[]>;
}

/**
 * How far an engine is with a merged commit: it has applied it; it is on the way; or something hinders it that needs a person.
 * The words are the engine's, without secrets.
 *
 * @public
 */
export type EngineDelivery =
  | { state: 'applied'; revision: string; at?: string }
  | {
      state: 'waiting';
      /** For people. */
      waitingFor: string;
      /** The engine does not have the commit. */
      notFetched?: boolean;
    }
  | {
      state: 'failed';
      /** One word of the engine. */
      reason: string;
      message: string;
      /** What to do, and who. */
      hint?: string;
      /** ISO 8601. */
      at?: string;
    };

/**
 * What was merged, for {@link GitOpsEngine.deliver}.
 *
 * @public
 */
export interface MergedCommit {
  /** The branch that it was merged into. */
  branch: string;
  /** When; ISO 8601. Undefined: not known. */
  at?: string;
  /** Whether a commit is the merged one, or contains it: one of {@link GitOpsEngine.revisionsOf}. */
  isIn: (commit: string) => boolean;
  /** ISO 8601. */
  now: string;
}

/**
 * The object that makes an engine apply a folder which is new, in the words of that engine.
 *
 * @public
 */
export interface FolderApplier {
  kind: string;
  name: string;
  namespace: string;
  /** The folder for its file. */
  folder: string;
  /** The object; `{folder}` in a text stands for the folder that it applies. */
  manifest: Record<string, unknown>;
  /** It decrypts what SOPS has encrypted. */
  decrypts: boolean;
  /** What would make it do so, where something would: `name the Secret with its age key`. */
  howToDecrypt?: string;
  /** Annotations that keep an object which is taken out of Git. */
  keep?: Record<string, string>;
}

/**
 * What brings folders of Git into clusters. Its objects are known to it alone: everybody else sees places, links and
 * deliveries.
 *
 * What it says of a place now ({@link EngineState}) is plain data that JSON can hold, without secrets; only the same engine
 * reads it again.
 *
 * @public
 */
export interface GitOpsEngine {
  /** `flux`. */
  readonly id: string;
  /** For words: `Flux`. */
  readonly title: string;
  /** The kinds of objects that apply folders: `Kustomization`. */
  readonly kinds: readonly string[];
  /** What applies an object, by what it has written on it; undefined where it has written nothing. Pure. */
  findAppliedBy(object: TrackedObject): ClusterObjectRef | undefined;
  /** Reads what it has in a cluster, with a number of calls that does not grow with what it applies. */
  read(cluster: EngineCluster): Promise<EngineView>;
  /** The commits whose relation to a merged one decides how far it is with that. */
  revisionsOf(place: SourcedPlace): string[];
  /** The commits that may be the one in the cluster. */
  appliedCommitsOf(place: SourcedPlace): string[];
  /** How far it is with what was merged; undefined where what it says cannot be read. */
  deliver(
    place: SourcedPlace,
    merged: MergedCommit,
  ): EngineDelivery | undefined;
  /**
   * How a new folder of a repository gets into the cluster: by an object of its own, which is applied as what is in a place
   * already. Undefined where that cannot be.
   *
   * @param options - `name`: of the object; `hasSops`: the repository says for whom Secrets are encrypted; `namespace`: where
   * most of the folder is to go
   */
  placeNewFolder(
    place: SourcedPlace,
    options: { name: string; namespace?: string; hasSops: boolean },
  ): FolderApplier | undefined;
  /** What to do about a failed delivery, by its reason. */
  readonly hints?: Readonly<Record<string, string>>;
  /** What to do about one of any other reason. */
  readonly otherHint: string;
}
