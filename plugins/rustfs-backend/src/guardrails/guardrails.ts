import {
  BucketRequest,
  checkBucketName,
  formatBytes,
  NameIssue,
  parseBytes,
  suggestBucketName,
  TenantOffer,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  FieldIssue,
  RequestGuardrails,
  RequestKind,
} from '@rustfs-portal/plugin-rustfs-node';

/** In `owners` of a rule: it is for everyone. */
export const ANY_OWNER = '*';

/** One rule of `rustfs.guardrails`. A key that is not there leaves the decision to later rules. */
export interface GuardrailRule {
  tenants?: string[];
  /** Entity refs in lower case, or {@link ANY_OWNER}. */
  owners?: string[];
  allow?: boolean;
  namePattern?: NonNullable<TenantOffer['namePattern']>;
  maxQuota?: string;
  defaultQuota?: string;
  quotaRequired?: boolean;
  objectLock?: boolean;
  /** Ids of the modes of access that may be asked for. */
  accessModes?: string[];
  /** Namespaces that an owner may have Secrets in: names, or their beginnings and a star. */
  namespaces?: string[];
  /** Ids of the forms of Secrets that may be asked for. */
  secretForms?: string[];
  reviewers?: string[];
  /** Whether somebody has to approve. */
  merge?: 'review' | 'auto';
  autoMerge?: AutoMergeLimits;
  /** What becomes of a setting that somebody has changed on the server. */
  drift?: 'report' | 'mend';
}

/** How far a guardrail `merge: auto` goes. */
export interface AutoMergeLimits {
  /** Largest quota; a request without one needs a review then. Undefined: what may be asked for at all. */
  maxQuota?: string;
  /** Ids of the modes of access; undefined: none. */
  accessModes?: string[];
}

/** What the rules come to for one owner on one tenant. */
export interface Guardrails extends RequestGuardrails {
  reviewers: string[];
  /** Set where requests of the owner may be merged without an approval. */
  autoMerge?: AutoMergeLimits;
  /** Undefined: no rule says it, so it is reported. */
  drift?: 'report' | 'mend';
}

/**
 * The guardrails for one owner on one tenant: for each key, the first rule that fits and has it.
 *
 * Who owns an entity is written by its author, so an owner that the rules do not know gets nothing: as soon as there are
 * rules, one has to fit, and where rules name owners, one of them has to name this one or everyone.
 */
export function resolveGuardrails(
  rules: GuardrailRule[],
  scope: { owner: string; tenant: string },
): Guardrails {
  const fitting = rulesOn(rules, scope.tenant).filter(
    rule => !rule.owners || namesOwner(rule, scope.owner),
  );
  const isKnown =
    !isGap(rules, scope.tenant) || fitting.some(({ owners }) => owners);
  const first = <K extends keyof GuardrailRule>(key: K) =>
    fitting.find(rule => rule[key] !== undefined)?.[key];
  return {
    allow: isKnown && (first('allow') ?? true),
    namePattern: first('namePattern'),
    maxQuota: first('maxQuota'),
    defaultQuota: first('defaultQuota'),
    quotaRequired: first('quotaRequired') ?? false,
    objectLock: first('objectLock') ?? true,
    accessModes: first('accessModes') ?? [],
    namespaces: first('namespaces') ?? [],
    secretForms: first('secretForms'),
    reviewers: first('reviewers') ?? [],
    drift: first('drift'),
    ...(first('merge') === 'auto' && { autoMerge: first('autoMerge') ?? {} }),
  };
}

/** The tenants on which an owner that no rule names is refused because no rule says what holds for everyone. */
export function findGaps(rules: GuardrailRule[], tenants: string[]): string[] {
  return [...new Set(tenants)].filter(tenant => isGap(rules, tenant)).sort();
}

/**
 * Whether the rules say whose a bucket is that has no record: its name fits the pattern of a rule that names one of these
 * owners, and no pattern that is somebody else's.
 */
export function isMappedTo(
  rules: GuardrailRule[],
  bucket: { tenant: string; name: string; owners: string[] },
): boolean {
  const { tenant, name } = bucket;
  if (checkBucketName(name).length > 0) {
    return false;
  }
  const onTenant = rulesOn(rules, tenant);
  const named = new Set(onTenant.flatMap(({ owners }) => owners ?? []));
  named.delete(ANY_OWNER);
  const claimants = [...named].filter(owner => {
    const rule = onTenant.find(
      candidate =>
        candidate.namePattern &&
        (!candidate.owners || namesOwner(candidate, owner)),
    );
    return (
      // A pattern for everyone says nothing about whose a bucket is.
      rule?.owners?.includes(owner) &&
      fitsPattern(name, rule.namePattern!) &&
      resolveGuardrails(rules, { owner, tenant }).allow
    );
  });
  return (
    claimants.length > 0 &&
    claimants.every(owner => bucket.owners.includes(owner))
  );
}

/** Stands for an owner whom no rule names. */
const ANYBODY_ELSE = 'group:default/-';

/**
 * Whether every bucket name that fits a pattern such as `loki-*` can be this owner's alone: it fits his own name pattern,
 * and the name pattern of nobody else who may ask for buckets. Told from the fixed beginnings of the patterns; one without
 * such a beginning may match anything.
 */
export function ownsPattern(
  rules: GuardrailRule[],
  scope: { owner: string; tenant: string; pattern: string },
): boolean {
  const { tenant, pattern } = scope;
  const owner = scope.owner.toLowerCase();
  const start = pattern.slice(0, -1);
  const startOf = (of: string) => {
    const { allow, namePattern } = resolveGuardrails(rules, {
      owner: of,
      tenant,
    });
    return allow ? fixedStart(namePattern?.regex ?? '') : undefined;
  };
  const own = startOf(owner);
  const others = new Set([
    ...rulesOn(rules, tenant).flatMap(({ owners }) => owners ?? []),
    ANYBODY_ELSE,
  ]);
  others.delete(owner);
  others.delete(ANY_OWNER);
  return (
    Boolean(own) &&
    start.startsWith(own!) &&
    [...others].map(startOf).every(
      other =>
        // Who may not ask for buckets has no names.
        other === undefined ||
        (!other.startsWith(start) && !start.startsWith(other)),
    )
  );
}

/** The literal text that everything begins with that a regular expression matches; empty when it cannot be told. */
function fixedStart(regex: string): string {
  if (regex.includes('|')) {
    return '';
  }
  const [, literal = '', next = ''] = /^\^?([a-z0-9-]*)(.?)/.exec(regex) ?? [];
  // What the next sign makes optional does not count.
  return /[?*{]/.test(next) ? literal.slice(0, -1) : literal;
}

function rulesOn(rules: GuardrailRule[], tenant: string): GuardrailRule[] {
  return rules.filter(rule => rule.tenants?.includes(tenant) ?? true);
}

function namesOwner({ owners }: GuardrailRule, owner: string): boolean {
  return Boolean(
    owners?.includes(ANY_OWNER) || owners?.includes(owner.toLowerCase()),
  );
}

/** Whether nothing is said about owners that no rule names. */
function isGap(rules: GuardrailRule[], tenant: string): boolean {
  const onTenant = rulesOn(rules, tenant);
  return (
    rules.length > 0 &&
    (onTenant.length === 0 || onTenant.some(({ owners }) => owners)) &&
    !onTenant.some(({ owners }) => owners?.includes(ANY_OWNER))
  );
}

/** Checks a bucket name against the rules of the server and the pattern of the guardrails. */
export function checkName(name: string, guardrails: Guardrails): NameIssue[] {
  const issues = checkBucketName(name);
  const { namePattern } = guardrails;
  // Some patterns take time that grows with every letter beyond measure.
  const hasWrongLength = issues.some(({ code }) => code === 'length');
  if (namePattern && !hasWrongLength && !fitsPattern(name, namePattern)) {
    issues.push({
      code: 'pattern',
      message: `The name must ${namePattern.description}, for example ${namePattern.example}.`,
    });
  }
  return issues;
}

/** Everything about a request that the guardrails refuse; empty when it may be asked for. */
export function checkRequest(
  request: BucketRequest,
  guardrails: Guardrails,
  owner: string,
): FieldIssue[] {
  const { maxQuota } = guardrails;
  if (!guardrails.allow) {
    return [
      {
        field: 'tenant',
        message: `${owner} may not ask for buckets on ${request.tenant}: choose a tenant that the form offers, or ask the platform team to allow it`,
      },
    ];
  }
  const issues = checkName(request.bucket, guardrails).map(
    ({ message }): FieldIssue => ({ field: 'bucket', message }),
  );
  const example = guardrails.defaultQuota ?? maxQuota ?? '10Gi';
  if (request.quota === undefined) {
    if (guardrails.quotaRequired) {
      issues.push({
        field: 'quota',
        message: `A bucket on ${request.tenant} needs a quota, for example ${example}`,
      });
    }
  } else if (parseBytes(request.quota) <= 0) {
    issues.push({
      field: 'quota',
      message: `A quota is more than zero, for example ${example}`,
    });
  } else if (maxQuota && parseBytes(request.quota) > parseBytes(maxQuota)) {
    issues.push({
      field: 'quota',
      message: `At most ${formatBytes(
        parseBytes(maxQuota),
      )} can be asked for on ${request.tenant}, for example ${example}`,
    });
  }
  if (request.objectLock && !guardrails.objectLock) {
    issues.push({
      field: 'objectLock',
      message: `Object lock cannot be asked for on ${request.tenant}: leave it off, or ask the platform team to allow it`,
    });
  }
  return issues;
}

/** Whether the guardrails trust a team with what it asks for itself, so that nobody has to approve. */
export function isTrusted(
  { autoMerge }: Pick<Guardrails, 'autoMerge'>,
  asked: ReturnType<NonNullable<RequestKind['limits']>> | undefined,
): boolean {
  if (!autoMerge || !asked) {
    return false;
  }
  const { accessModes = [], maxQuota } = autoMerge;
  return (
    asked.accessModes.every(mode => accessModes.includes(mode)) &&
    asked.quotas.every(
      quota =>
        maxQuota === undefined ||
        (quota !== undefined && parseBytes(quota) <= parseBytes(maxQuota)),
    )
  );
}

/** What a request is about, as far as guardrails go: for each, whether it is new, changes, or is not touched. */
export interface GuardedParts {
  bucket?: RequestKind['edits'];
  access?: RequestKind['edits'];
}

const DRIFT_WORDS = {
  mend: 'What is changed on the server is set back',
  report: 'What is changed on the server is reported',
};

/** The guardrails that were held against a request, in words, for the review step of the form. */
export function describeGuardrails(
  guardrails: Guardrails,
  { access, bucket }: GuardedParts,
): string[] {
  const { accessModes, drift, maxQuota, namePattern, namespaces, reviewers } =
    guardrails;
  const isNewBucket = bucket === 'new';
  const isNewAccess = access === 'new';
  return [
    ...(isNewBucket && namePattern ? [`Names ${namePattern.description}`] : []),
    ...(bucket && maxQuota
      ? [`Quota at most ${formatBytes(parseBytes(maxQuota))}`]
      : []),
    ...(bucket && guardrails.quotaRequired ? ['A quota is required'] : []),
    ...(isNewBucket && !guardrails.objectLock ? ['No object lock'] : []),
    ...(isNewAccess && accessModes.length
      ? [`Access to ${accessModes.join(', ')}`]
      : []),
    ...(isNewAccess && namespaces.length
      ? [`Secrets in ${namespaces.join(', ')}`]
      : []),
    ...(bucket && drift ? [DRIFT_WORDS[drift]] : []),
    ...(reviewers.length ? [`Reviewed by ${reviewers.join(', ')}`] : []),
  ];
}

/** A bucket name for an entity that passes the rules and is not taken. */
export function suggestName(options: {
  entityName: string;
  ownerName: string;
  guardrails: Guardrails;
  isTaken: (name: string) => boolean;
}): string | undefined {
  const { entityName, ownerName, guardrails, isTaken } = options;
  const bases = [
    entityName,
    `${ownerName}-${entityName}`,
    guardrails.namePattern?.example ?? '',
  ];
  const candidates = bases.flatMap(base => [
    base,
    `${base}-2`,
    `${base}-3`,
    `${base}-data`,
  ]);
  return candidates
    .map(suggestBucketName)
    .find(
      name =>
        name && checkName(name, guardrails).length === 0 && !isTaken(name),
    );
}

function fitsPattern(name: string, pattern: { regex: string }): boolean {
  return new RegExp(`^(?:${pattern.regex})$`).test(name);
}
