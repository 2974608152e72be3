import { BlueprintFinding } from '@rustfs-portal/plugin-rustfs-common';
import { StorageChange, ChangeSet, DeclarationTarget } from '../types';
import { codeBlock, plainName, plainSentence } from './text';

/** The mail address of commits; it belongs to nobody, so that no forge takes the author for one of its users. */
export const PORTAL_EMAIL = 'rustfs-portal@noreply.invalid';

/**
 * The branch of a stage of a request.
 *
 * @public
 */
export function branchOf(requestId: string, stage: number = 1): string {
  return stage === 1 ? `rustfs/${requestId}` : `rustfs/${requestId}-${stage}`;
}

/**
 * Everything about a pull request but its files. The commit depends on nothing but the request, so a repeat is the same one.
 *
 * @param findings - what has to be known or done beside it
 * @public
 */
export function describePullRequest(
  change: StorageChange,
  target: DeclarationTarget,
  findings: BlueprintFinding[] = [],
): Omit<ChangeSet, 'files'> {
  // A forge acts on some words and marks; what a kind of request makes of names has none.
  const title = change.words.title.replace(/[^A-Za-z0-9:/._ ,*-]+/g, '_');
  return {
    branch: branchOf(change.requestId, change.stage),
    baseBranch: target.baseBranch,
    title,
    body: writeBody(change, findings),
    commitMessage: [
      title,
      '',
      // No words of a person: forges act on some, for example "closes #1".
      `Request-Id: ${change.requestId}`,
      `Requested-By: ${plainName(change.requestedBy)}`,
      `Owner: ${plainName(change.owner)}`,
      `Entity: ${plainName(change.entityRef)}`,
      '',
    ].join('\n'),
    author: { name: writeAuthor(change.requestedBy), email: PORTAL_EMAIL },
    committer: { name: 'RustFS portal', email: PORTAL_EMAIL },
    date: `${new Date(change.createdAt).toISOString().slice(0, 19)}Z`,
  };
}

/** A name without any letter is refused by Git. */
function writeAuthor(ref: string): string {
  return plainName(ref).replace(/^[:/._-]+$/, '') || 'unknown';
}

function writeBody(
  change: StorageChange,
  findings: BlueprintFinding[],
): string {
  const { entityRef, owner, requestedBy, words } = change;
  const facts: Array<[string, string]> = [
    ['For', entityRef],
    ['Owner', owner],
    ['Requested by', requestedBy],
    ...words.facts,
  ];
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  const link = writeLink(change.portalUrl);
  return [
    words.summary,
    '',
    // Free text stands nowhere else; every line begins with our own words, so none is a command of a forge.
    codeBlock(
      facts.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`),
    ),
    '',
    ...words.notes.map(note => `- ${note}`),
    '- The portal has read the edited files back: each holds what it held before and what is asked for, nothing else.',
    '- When the edited files change on the base branch, the portal renders this branch again. It never overwrites a commit of somebody else: it asks in the portal what to do with it.',
    ...(findings.length
      ? [
          '',
          'What to know, and to do beside this pull request:',
          ...findings.flatMap(writeFinding),
        ]
      : []),
    ...(link ? ['', link] : []),
    '',
    `<!-- rustfs-portal-request: ${change.requestId} -->`,
    '',
  ].join('\n');
}

function writeFinding({ copy, message }: BlueprintFinding): string[] {
  const sentence = plainSentence(message);
  const lines = copy?.text.trimEnd().split('\n') ?? [];
  // Bots of a forge take a line that begins with a slash for a command, in a block too.
  const isShown = copy && !lines.some(line => /^\s*\//.test(line));
  return isShown
    ? [
        '',
        `${sentence}.`,
        '',
        `${plainSentence(copy.title)}:`,
        '',
        codeBlock(lines),
      ]
    : ['', `${sentence}.`];
}

function writeLink(url: string | undefined): string | undefined {
  if (!url || !URL.canParse(url)) {
    return undefined;
  }
  const { protocol, origin, pathname, search } = new URL(url);
  // What could end the address, or is a mention or a reference in it, is written in its other form.
  const address = `${origin}${(pathname + search).replace(
    /[^A-Za-z0-9/?&=%._-]/g,
    encode,
  )}`;
  return /^https?:$/.test(protocol)
    ? `[Follow the request in the portal](${address})`
    : undefined;
}

/** The parser of addresses leaves only ASCII. */
function encode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
