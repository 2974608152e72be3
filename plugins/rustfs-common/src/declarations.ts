import { AccessScope, PolicyDocument } from './access';
import { AccessConsumer } from './records';

/**
 * A bucket as Git declares it, or as a request wants it declared.
 *
 * @public
 */
export interface BucketDeclared {
  type: 'bucket';
  name: string;
  /** Entity refs; undefined where Git has the bucket without a record. */
  owner?: string;
  entity?: string;
  purpose?: string;
  dataClass?: string;
  /** Kubernetes quantity; undefined: none. */
  quota?: string;
  versioning: boolean;
  objectLock: boolean;
}

/**
 * An access as Git declares it, or as a request wants it declared: a user of the server with one policy, his Secret for
 * the provisioner, and the Secret of the workload.
 *
 * @public
 */
export interface AccessDeclared {
  type: 'access';
  /** Unique on its tenant. */
  name: string;
  owner: string;
  entity: string;
  purpose: string;
  scope: AccessScope;
  mode: string;
  /** What it may do; undefined once it is revoked, or where only the record was read. */
  policy?: PolicyDocument;
  /** The user of the server; a name, not a secret. */
  accessKeyId: string;
  consumer: AccessConsumer;
  /** The keys of the consumer's Secret; undefined where only the record was read. */
  consumerKeys?: string[];
  state: 'active' | 'revoked';
  /** ISO 8601. */
  createdAt: string;
  revokedAt?: string;
}

/**
 * What a request wants declared in Git, in terms that no layout is in.
 *
 * @public
 */
export type Declaration = BucketDeclared | AccessDeclared;

/**
 * What Git declares for one tenant, as far as records say it.
 *
 * @public
 */
export interface Declared {
  buckets: BucketDeclared[];
  accesses: AccessDeclared[];
}

/**
 * What a request is about.
 *
 * @public
 */
export interface RequestSubject {
  type: 'bucket' | 'access';
  /** `cluster/namespace/name`. */
  tenant: string;
  name: string;
}

/**
 * What a pull request says about its change.
 *
 * @public
 */
export interface ChangeWords {
  /** Of the pull request and the commit; only names that the portal has checked. */
  title: string;
  /** One sentence of Markdown; names that the portal has checked, as code. */
  summary: string;
  /** Shown as plain text, one a line. */
  facts: Array<[string, string]>;
  /** Sentences of Markdown without any text of a person. */
  notes: string[];
  /** One sentence, said in the portal once all is there: `The bucket is there, as it is declared`. */
  ready: string;
}
