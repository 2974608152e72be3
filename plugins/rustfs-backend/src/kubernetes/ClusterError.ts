import { ServiceUnavailableError } from '@backstage/errors';

/** A cluster that could not be read: which one, why, and what to do. Holds no token. */
export class ClusterError extends ServiceUnavailableError {
  /** For problems: stable, for code. */
  readonly problemCode:
    | 'cluster-unreachable'
    | 'cluster-denied'
    | 'cluster-version';
  readonly hint: string;
  /** Of `cluster-version`: the cluster has the kind in no version. */
  readonly isUnknownKind: boolean;

  constructor(options: {
    code: ClusterError['problemCode'];
    message: string;
    hint: string;
    isUnknownKind?: boolean;
  }) {
    super(options.message);
    this.problemCode = options.code;
    this.hint = options.hint;
    this.isUnknownKind = options.isUnknownKind ?? false;
  }
}
