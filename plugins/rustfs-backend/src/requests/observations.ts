import { Problem, StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { DeliveryObservation } from '../gitops';
import { SecretObservation } from '../secrets';

/** The pull request of a request, as the forge has it. */
export interface PullObservation {
  state: 'open' | 'merged' | 'closed';
  /** What an open one waits for, in words. */
  waitingFor?: string;
  /** Its base may have moved so that it has to be rendered anew. */
  isStale: boolean;
  /** The forge has still to find out whether it is in conflict with its base. */
  isUnsure?: boolean;
  /** False when its checks are those of a round before. */
  isFresh?: boolean;
  /** Commit of the branch. */
  head: string;
  /** Who has approved that commit; of a merged one, until it was merged. */
  approvals: Array<{ login: string; isUncounted?: boolean }>;
  /** What the forge has as the portal's own word on that commit; undefined when it has none, or it cannot be seen. */
  policyStatus?: 'failing' | 'pending' | 'passing';
  /** What its request shows of it. */
  shown: Partial<NonNullable<StorageRequest['pullRequest']>>;
  mergedAt?: string;
  mergedBy?: string;
  mergeCommit?: string;
  closedAt?: string;
}

/** Who makes the storage of a tenant. */
export type Provisioner = 'operator' | 'setup-program';

/** What the provisioner says about what was asked for. */
export type ProvisionerObservation =
  | { state: 'waiting'; waitingFor: string }
  | { state: 'ready'; at?: string }
  | {
      state: 'failed';
      reason: string;
      message: string;
      hint?: string;
      at?: string;
    };

/** Whether the live server has the bucket as it is declared. */
export type ServerObservation =
  | {
      state: 'waiting';
      waitingFor: string;
      /** The bucket that the settings task has to set; it may do so before its time. */
      toSettle?: string;
    }
  /** What cannot be seen in lists may still have to be set. */
  | { state: 'agrees'; toSettle?: string };

/** What could be seen in one round. A part that is undefined could not be read, or was not looked at yet. */
export interface Observations {
  pull?: PullObservation;
  delivery?: DeliveryObservation;
  /** Undefined as well where no controller makes Secrets of what was merged. */
  secrets?: SecretObservation;
  provisioner?: ProvisionerObservation & { by: Provisioner };
  server?: ServerObservation;
  problems: Problem[];
}
