import { ResourcePermission } from '@backstage/plugin-permission-common';
import {
  AccessActions,
  AccessRecord,
  ChangeWords,
  Declaration,
  Declared,
  RequestIssue,
  RequestSubject,
  SecretForm,
  TenantOffer,
} from '@rustfs-portal/plugin-rustfs-common';
import { RequestClaim } from './RequestClaim';

/**
 * A value of a request that cannot be, with its field, the reason and, where it helps, an example.
 *
 * @public
 */
export interface FieldIssue extends RequestIssue {
  /** A name is in use: another one would do. */
  isTaken?: boolean;
  /** It is as asked already, so there is nothing to ask for. */
  isDone?: boolean;
}

/**
 * A mode of access as the platform team offers it.
 *
 * @public
 */
export interface AccessMode {
  /** `read`, `write`, `read-write`, or a name of the platform team. */
  id: string;
  title: string;
  /** What it may do, to follow "may": `read and list {buckets}; nothing else`. */
  description: string;
  actions: AccessActions;
}

/**
 * What the guardrails come to for one owner on one tenant.
 *
 * @public
 */
export interface RequestGuardrails
  extends Pick<
    TenantOffer,
    'namePattern' | 'maxQuota' | 'defaultQuota' | 'quotaRequired' | 'objectLock'
  > {
  allow: boolean;
  /** Ids of the modes that may be asked for. */
  accessModes: string[];
  /** Patterns of the namespaces that the owner may have Secrets in: a name, or its beginning and a star. */
  namespaces: string[];
  /** Ids of the forms that may be asked for; undefined: all. */
  secretForms?: string[];
}

/**
 * A bucket that is there or asked for, as far as it matters to a request.
 *
 * @public
 */
export interface KnownBucket {
  name: string;
  /** Entity ref of the owner: by record, else by a guardrail that gives the name to one owner alone. */
  owner?: string;
  /** It has a record that cannot be read, so that nobody knows whose it is: it counts as nobody's. */
  isUnread?: boolean;
  /** Anybody may read it, whatever policies say. */
  isPublic?: boolean;
  quotaBytes?: number;
}

/**
 * What is known of the tenant of a request.
 *
 * @public
 */
export interface KnownTenant {
  ref: string;
  buckets: KnownBucket[];
  accesses: AccessRecord[];
  /** Names of what open requests make or end, by type; of Secrets, those of all tenants. */
  requested: Record<RequestClaim['type'], string[]>;
  /** Numbers of users and policies that the Tenant declares, and how many it takes; undefined where there is no limit. */
  users?: { declared: number; limit: number };
  policies?: { declared: number; limit: number };
  /** How storage is declared for it; undefined: in no way as yet. */
  layout?: string;
  /** Of a tenant without operator: the namespace of its setup folder, whether that is there already or not. */
  setup?: { namespace: string };
}

/**
 * What the platform team has settled for setup programs.
 *
 * @public
 */
export interface SetupOffer {
  /** `repository@sha256:…` of the program; undefined: nobody can enable anything. */
  image?: string;
}

/**
 * A Secret that a workload has of an access that has not ended, on whatever tenant.
 *
 * @public
 */
export interface KnownSecret {
  cluster: string;
  namespace: string;
  /** Its name. */
  secret: string;
  /** Tenant, name and owner of the access. */
  tenant: string;
  access: string;
  owner: string;
}

/**
 * Everything that a kind may look at. It calls nobody.
 *
 * @public
 */
export interface KindContext {
  /** Entity ref of the entity that it is for, as the catalog writes it. */
  entityRef: string;
  /** Entity ref of its owner. */
  owner: string;
  guardrails: RequestGuardrails;
  tenant: KnownTenant;
  /** Secrets of accesses on all tenants, in the clusters that can be read. */
  secrets: KnownSecret[];
  /** All modes and forms that there are. */
  modes: AccessMode[];
  forms: SecretForm[];
  setup: SetupOffer;
  /** Names of the clusters that the portal knows. */
  clusters: string[];
  /** Whether a Secret in a namespace can be declared: beside the records of the tenant, or in a place that the platform team names. */
  takesSecrets(consumer: { cluster: string; namespace: string }): boolean;
  /** Whether every bucket whose name fits a pattern such as `loki-*` would be this owner's, and nobody else's. */
  ownsPattern(pattern: string): boolean;
}

/**
 * A workload that reads the Secret of an access.
 *
 * @public
 */
export interface RequestConsumer {
  cluster: string;
  namespace: string;
  /** Name of the Secret. */
  secret: string;
  /** The access as it is declared now; undefined when it is new. */
  access?: AccessRecord;
}

/**
 * A request as a kind sees it.
 *
 * @public
 */
export interface AskedRequest<TInput> {
  id: string;
  input: TInput;
  entityRef: string;
  owner: string;
  /** Entity ref of the person. */
  requestedBy: string;
  /** ISO 8601. */
  createdAt: string;
}

/**
 * A kind of request: what can be asked for. Pure but for nothing: it reads its input and its context, and says what
 * should be declared.
 *
 * @public
 */
export interface RequestKind<TInput = any> {
  /** `bucket-create`: in the ledger, in links, in the name of the action. */
  readonly id: string;
  /** Decided on the entity, before anything is looked at. */
  readonly permission: ResourcePermission<'catalog-entity'>;
  /** What else it takes for an input that brings more than the kind is about, decided with {@link RequestKind.permission}. */
  alsoNeeds?(input: TInput): ResourcePermission<'catalog-entity'>[];
  /** @throws InputError that names every field that is wrong */
  parse(input: unknown): TInput;
  subject(input: TInput): RequestSubject;
  /** What an open request holds; asked only where {@link RequestKind.check} finds nothing wrong. */
  claims(input: TInput, context: Pick<KindContext, 'tenant'>): RequestClaim[];
  /** Whether what it declares is new, or is there and changes. */
  readonly edits: 'new' | 'existing';
  /**
   * Where it is declared: beside the records of the tenant, which is the default, or beside what installed the tenant, where
   * blueprints are put.
   */
  readonly place?: 'records' | 'installation';
  /** What it is about ends with it: an access that it names has to be revoked in the end, and is active otherwise. */
  readonly ends?: boolean;
  /** Ids of kinds whose open requests about the same subject end when this one is proposed. */
  readonly supersedes?: string[];
  /** Everything about it that cannot be; empty when it may be asked for. */
  check(input: TInput, context: KindContext): FieldIssue[];
  /** Buckets of others that it reaches, by owner; their owners have to approve. */
  foreign?(
    input: TInput,
    context: KindContext,
  ): Array<{ owner: string; buckets: string[] }>;
  /**
   * What the limits of a guardrail `merge: auto` are about: the quotas that it asks for, undefined for none, and the modes
   * of access. A kind without it is always reviewed.
   */
  limits?(input: TInput): {
    quotas: Array<string | undefined>;
    accessModes: string[];
  };
  /** The workload whose Secret comes or goes with it; undefined: none does. */
  consumer?(
    input: TInput,
    context: Pick<KindContext, 'tenant'>,
  ): RequestConsumer | undefined;
  /** What has to be declared, from what Git declares now. */
  declarations(
    request: AskedRequest<TInput>,
    declared: Declared,
    context: Pick<KindContext, 'modes' | 'forms' | 'setup'>,
  ): Declaration[];
  /** Everything that has to be as declared before the request is ready, by name. */
  subjects(input: TInput): RequestSubject[];
  words(request: AskedRequest<TInput>): ChangeWords;
}
