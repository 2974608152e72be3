import { stringifyTenantRef } from '@rustfs-portal/plugin-rustfs-common';
import { BucketChange, ChangeSet, DeclarationTarget } from '../types';
import { codeSpan, oneLine } from './text';

/** The mail address of commits; it belongs to nobody, so that no forge takes the author for one of its users. */
const EMAIL = 'rustfs-portal@noreply.invalid';

/**
 * The branch of a request.
 *
 * @public
 */
export function branchOf(requestId: string): string {
  return `rustfs/${requestId}`;
}

/** Everything about a pull request but its files. It depends on nothing but the request, so a repeat is the same commit. */
export function describePullRequest(
  change: BucketChange,
  target: DeclarationTarget,
): Omit<ChangeSet, 'files'> {
  const tenant = stringifyTenantRef(target.tenant);
  const title = `Add bucket ${change.bucket} to ${tenant}`;
  return {
    branch: branchOf(change.requestId),
    baseBranch: target.baseBranch,
    title,
    body: writeBody(change, tenant),
    commitMessage: [
      title,
      '',
      // No words of a person: forges act on some, for example "closes #1".
      `Request-Id: ${change.requestId}`,
      `Requested-By: ${oneLine(change.requestedBy)}`,
      `Owner: ${oneLine(change.owner)}`,
      `Entity: ${oneLine(change.entityRef)}`,
      '',
    ].join('\n'),
    author: { name: writeAuthor(change.requestedBy), email: EMAIL },
    committer: { name: 'RustFS portal', email: EMAIL },
    date: `${new Date(change.createdAt).toISOString().slice(0, 19)}Z`,
  };
}

/** Git drops these characters from names itself; a name without any is refused. */
function writeAuthor(ref: string): string {
  return oneLine(ref.replace(/[<>"]/g, '')) || 'unknown';
}

function writeBody(change: BucketChange, tenant: string): string {
  const { bucket, entityRef, owner, requestedBy, purpose } = change;
  const settings: Array<[string, string]> = [
    ['Quota', change.quota ? code(change.quota) : 'none'],
    ['Versioning', change.versioning || change.objectLock ? 'on' : 'off'],
    [
      'Object lock',
      change.objectLock ? 'on, for the life of the bucket' : 'off',
    ],
    ['Data class', code(change.dataClass)],
  ];
  const link = writeLink(change.portalUrl);
  return [
    `Adds bucket ${code(bucket)} to tenant ${code(tenant)}.`,
    '',
    '| | |',
    '| --- | --- |',
    `| For | ${code(entityRef)} |`,
    `| Owner | ${code(owner)} |`,
    `| Asked for by | ${code(requestedBy)} |`,
    `| Purpose | ${code(purpose)} |`,
    ...settings.map(([name, value]) => `| ${name} | ${value} |`),
    '',
    '- The operator makes the bucket from the entry in the Tenant. The portal applies quota and versioning from the bucket record, once both are in the cluster.',
    '- The portal has read the edited files back: each holds what it held before and the new entry, nothing else.',
    '- When the base branch moves, the portal renders this branch again; commits that others add to it are lost.',
    ...(link ? ['', link] : []),
    '',
    `<!-- rustfs-portal-request: ${change.requestId} -->`,
    '',
  ].join('\n');
}

/** A code span in a cell of a table. */
function code(text: string): string {
  return codeSpan(text).replace(/\|/g, '\\|');
}

function writeLink(url: string | undefined): string | undefined {
  if (!url || !URL.canParse(url)) {
    return undefined;
  }
  const { protocol, href } = new URL(url);
  return /^https?:$/.test(protocol)
    ? `[Follow the request in the portal](<${href.replace(/[<>]/g, '')}>)`
    : undefined;
}
