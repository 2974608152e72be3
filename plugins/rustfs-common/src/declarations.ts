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
  /** What becomes of a setting that somebody changes on the server; undefined: nothing is said of it. */
  drift?: 'mend' | 'report';
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
 * Files that a request wants in Git as a whole, made by a blueprint from a few answers.
 *
 * @public
 */
export interface BlueprintDeclared {
  type: 'blueprint';
  /** Id of the blueprint. */
  blueprint: string;
  /** The answers; the blueprint checks them. */
  input: unknown;
}

/**
 * What a request wants declared in Git, in terms that no layout is in.
 *
 * @public
 */
export type Declaration = BucketDeclared | AccessDeclared | BlueprintDeclared;

/**
 * What whoever asks has to know, or to do beside the pull request.
 *
 * `reads-every-secret`: the program can read more than it should; `key-needed`: the Secret with its key has to be there;
 * `server-key-needed`: the server has to have that key; `network-wide`: the network entry allows more than is needed;
 * `server-network`: the server's own network policy may keep the program out; `no-decryption`: nothing decrypts what SOPS
 * has encrypted; `template`: a template has to be changed too; `not-applied`: the portal does not know who would apply it;
 * `left-out`: what the server does not offer, so that it cannot be asked for; `made-elsewhere`: something else makes what
 * is called the same, for another server as it seems; `not-seen`: the portal could not look at all that may be in the way.
 *
 * @public
 */
export interface BlueprintFinding {
  code:
    | 'reads-every-secret'
    | 'key-needed'
    | 'server-key-needed'
    | 'network-wide'
    | 'server-network'
    | 'no-decryption'
    | 'template'
    | 'not-applied'
    | 'left-out'
    | 'made-elsewhere'
    | 'not-seen';
  /** A sentence, with no other text of a person than names that were checked. */
  message: string;
  /** What to copy: a manifest, a policy, or lines of a template. */
  copy?: { title: string; text: string };
}

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
  /** `setup`: that storage can be declared for the tenant at all; its name is that of the tenant. */
  type: 'bucket' | 'access' | 'setup';
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
