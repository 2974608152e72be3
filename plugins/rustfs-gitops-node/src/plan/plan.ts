import {
  BlueprintFinding,
  checkBucketName,
  Declaration,
} from '@rustfs-portal/plugin-rustfs-common';
import { SecretWriter } from '../secrets';
import {
  DeclarationTarget,
  PlanResult,
  Refusal,
  RepositoryFile,
  RepositorySnapshot,
  StorageChange,
} from '../types';
import { checkMadeElsewhere } from './checkMadeElsewhere';
import { Layout, Layouts, Obstacle } from './layouts';
import { refuseVanished } from './refuseVanished';
import { branchOf, describePullRequest } from './pullRequest';
import { Refused } from './Refused';
import { requireOwnPaths } from './requireOwnPaths';

const LAYOUTS = new Layouts();

/**
 * Plans a change: which files of the snapshot change how, and the words of the pull request. Pure: the same input gives
 * the same result, so it serves preview, pull request and every re-render.
 *
 * Existing files only get what is asked for: comments, order, quotes and indentation of everything else stay byte for
 * byte.
 *
 * @param options - what encrypts new Secrets, and those that are there already; the files that it reads beside those of the
 * snapshot; and the layouts where there are more than those of the portal
 * @throws Error when there is no layout as the target says, or it answers what nobody may propose: files that are not its own,
 * or any without having asked what is wanted
 * @public
 */
export function plan(
  change: StorageChange,
  snapshot: RepositorySnapshot,
  target: DeclarationTarget,
  options: {
    writer?: SecretWriter;
    otherWriters?: SecretWriter[];
    files?: Record<string, RepositoryFile>;
    layouts?: Layouts;
  } = {},
): PlanResult {
  const reasons = checkChange(change);
  if (reasons.length) {
    return { outcome: 'refused', reasons };
  }
  const branch = branchOf(change.requestId, change.stage);
  try {
    let noted: BlueprintFinding[] = [];
    const {
      layouts = LAYOUTS,
      writer,
      otherWriters = [],
      files = {},
    } = options;
    const layout = layouts.get(target.layout);
    const notes = new Set<string>();
    const obstacles = layout.examine(snapshot, target);
    refuseFirst(obstacles.filter(({ blocks }) => blocks === 'everything'));
    let isAsked = false;
    const planned = layout.plan({
      change: {
        ...change,
        declare: declared => {
          isAsked = true;
          const declarations = check(change.declare(declared));
          refuseVanished(change, declarations);
          for (const declaration of declarations) {
            refuseInexpressible(layout, declaration, target);
            layout
              .notes?.(declaration, { writer })
              .forEach(note => notes.add(note));
          }
          if (declarations.some(({ type }) => type === 'access')) {
            refuseFirst(obstacles);
          }
          noted = checkMadeElsewhere(declarations, target);
          return declarations;
        },
      },
      snapshot,
      target,
      writer,
      otherWriters,
      writerFiles: files,
      addNote: sentence => notes.add(sentence),
    });
    if (!isAsked && !('reasons' in planned)) {
      throw new Error(
        `Layout ${layout.id} has planned without asking change.declare what is wanted, so nothing of it was checked`,
      );
    }
    if ('needs' in planned) {
      return { outcome: 'secrets', needs: planned.needs, branch };
    }
    if ('reasons' in planned) {
      return { outcome: 'refused', reasons: planned.reasons, branch };
    }
    const { files: changed } = planned;
    requireOwnPaths(layout, changed, target);
    const findings = [...(planned.findings ?? []), ...noted];
    return changed.length === 0
      ? { outcome: 'unchanged', branch }
      : {
          outcome: 'change',
          changeSet: {
            ...describePullRequest(withNotes(change, notes), target, findings),
            files: changed,
          },
          ...(findings.length > 0 && { findings }),
        };
  } catch (error) {
    if (error instanceof Refused) {
      return { outcome: 'refused', reasons: [error.refusal], branch };
    }
    throw error;
  }
}

/** One reason at a time: the next one may be there only for the first. */
function refuseFirst([first]: Obstacle[]): void {
  if (first) {
    const { blocks: _, code, message, ...details } = first;
    throw new Refused(code, message, details);
  }
}

/** What a layout cannot write would be left out without a word, or stand there without effect. */
function refuseInexpressible(
  layout: Layout,
  declaration: Declaration,
  target: DeclarationTarget,
): void {
  const answer = layout.express(declaration, target);
  if (answer !== true) {
    const { because, code = 'unsupported', field = 'tenant', instead } = answer;
    throw new Refused(code, `${because}: ${instead}`, { field });
  }
}

function withNotes(change: StorageChange, notes: Set<string>): StorageChange {
  const { words } = change;
  return { ...change, words: { ...words, notes: [...words.notes, ...notes] } };
}

/** What becomes a branch or a date is checked here too. */
function checkChange(change: StorageChange): Refusal[] {
  const reasons: Refusal[] = [];
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(change.requestId)) {
    reasons.push({
      code: 'invalid',
      field: 'requestId',
      message: 'The id of a request has letters, digits and hyphens',
    });
  }
  if (Number.isNaN(Date.parse(change.createdAt))) {
    reasons.push({
      code: 'invalid',
      field: 'createdAt',
      message: 'A request has the time at which it was made, as ISO 8601',
    });
  }
  return reasons;
}

/** What becomes a path is checked here too: nobody may plan a file elsewhere. A blueprint checks its own answers. */
function check(declarations: Declaration[]): Declaration[] {
  for (const declaration of declarations) {
    if (declaration.type === 'bucket') {
      for (const { message } of checkBucketName(declaration.name)) {
        throw new Refused('invalid', message, { field: 'bucket' });
      }
    } else if (declaration.type === 'access') {
      const { name, consumer } = declaration;
      const wrong = [name, consumer.namespace, consumer.secret].find(
        text => !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text),
      );
      if (wrong !== undefined) {
        throw new Refused(
          'invalid',
          `${JSON.stringify(
            wrong,
          )} is no name of a Kubernetes object: use lower-case letters, digits and hyphens`,
          { field: 'access' },
        );
      }
    }
  }
  return declarations;
}
