import {
  RepositoryFile,
  SecretLink,
  SecretWriter,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { ClusterKind } from '../layouts/Provisioner';

/**
 * A Service of a cluster, as the API server leads to it.
 *
 * @public
 */
export interface ClusterService {
  namespace: string;
  name: string;
  /** Name or number. */
  port: string;
  /** Of the request, with a leading slash. */
  path: string;
}

/**
 * What a Service has answered, or that the portal cannot get to it: there is none, or it may not.
 *
 * @public
 */
export type ServiceAnswer =
  | { text: string }
  | {
      /** `trust`: it answers, but over a connection on which anybody could have. */
      missing: 'service' | 'right' | 'trust';
      /** A sentence for people: which one, and what to do. */
      message: string;
    };

/**
 * What may be asked of the cluster that Secrets are applied to, with the rights that the portal has there.
 *
 * @public
 */
export interface SecretCluster {
  readonly cluster: string;
  /**
   * Lists a kind in some namespaces, or in all: one call for each.
   *
   * @throws ServiceUnavailableError when the cluster does not say, does not let the portal, or does not serve the kind
   */
  list(kind: ClusterKind, namespaces?: string[]): Promise<unknown[]>;
  /**
   * Asks a Service through the proxy of the API server.
   *
   * @throws ServiceUnavailableError when the cluster does not answer, or nothing runs behind the Service just now
   */
  getFromService(service: ClusterService): Promise<ServiceAnswer>;
}

/**
 * The cluster that Secrets of a place are applied to.
 *
 * @public
 */
export interface SecretPlace {
  cluster: string;
  /** Undefined for a cluster that the portal does not read itself. */
  api?: SecretCluster;
}

/**
 * What a place shows of how its Secrets get into Git.
 *
 * @public
 */
export interface SecretSigns {
  link: SecretLink;
  /** Those of the folder, and those that {@link SecretWriterKind.reads} has named, by path. */
  files: Record<string, RepositoryFile>;
}

/**
 * What a controller says of one Secret that it makes.
 *
 * @public
 */
export interface SecretVerdict {
  name: string;
  state: 'ready' | 'failed' | 'waiting';
  /** One word for programs; present when it has failed. */
  reason?: string;
  /** A sentence for people in its own words, without secrets; of one that waits, what for. */
  message?: string;
  /** Of one that has failed: what to do about it, and who. */
  hint?: string;
  /** ISO 8601: since when it stands so. */
  at?: string;
}

/**
 * A way in which a secret gets into Git without being there in clear, and from there into the cluster.
 *
 * @public
 */
export interface SecretWriterKind {
  /** In the configuration, in the ledger, and the same as that of the writer that it opens: `sealed-secrets`. */
  readonly id: string;
  /** The kind of the object that is written: `SealedSecret`. */
  readonly manifestKind: string;
  /** Files of a repository, beside those of a folder, that decide how a file in that folder is written, or whether it can be. */
  reads(path: string, place: SecretPlace): string[];
  /** Whether a place shows that this is how its Secrets are written; it is asked where the configuration says nothing. */
  isShownBy(signs: SecretSigns): boolean;
  /**
   * Whether the cluster shows it, where no repository shows anything. Without it, it does not.
   *
   * @throws ServiceUnavailableError when that cannot be told now
   */
  isShownIn?(place: SecretPlace): Promise<boolean>;
  /**
   * What writes Secrets for a cluster; one that nothing can be written with says why when it is asked.
   *
   * @throws ServiceUnavailableError when that cannot be told now
   */
  open(place: SecretPlace): Promise<SecretWriter>;
  /**
   * What a controller says of the Secrets of a namespace that it makes of what was written. Without it, the GitOps engine makes them, and
   * its word is enough.
   *
   * @throws ServiceUnavailableError as {@link SecretCluster.list}
   */
  observe?(api: SecretCluster, namespace: string): Promise<SecretVerdict[]>;
}
