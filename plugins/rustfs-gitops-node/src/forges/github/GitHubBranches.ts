import { z } from 'zod';
import { BranchTip, ChangeSet, ForgeError, WrittenBranch } from '../../types';
import {
  explainArchived,
  explainEmpty,
  explainLostRace,
  explainNoBranch,
  explainStale,
} from '../explain';
import { fileOf, toVariables } from './aliases';
import { BRANCH_DOCUMENT, MOVE_DOCUMENT, tipDocument } from './documents';
import { GitHubCall, GitHubClient } from './GitHubClient';
import { toRef } from './refs';
import {
  branchSchema,
  madeSchema,
  tipCommitSchema,
  tipSchema,
} from './schemas';

/** Stands for a branch that is not there. */
const NO_COMMIT = '0'.repeat(40);

/** Reads and writes the branches of changes: a commit is made first, and then the branch is moved to it by compare and swap. */
export class GitHubBranches {
  readonly #client: GitHubClient;

  constructor(client: GitHubClient) {
    this.#client = client;
  }

  /** As `Forge.readBranch`. */
  async read(
    repository: string,
    branch: string,
  ): Promise<BranchTip | undefined> {
    return (await this.#read(repository, branch)).tip;
  }

  async #read(repository: string, branch: string) {
    const { repository: found } = await this.#client.query(
      repository,
      { document: BRANCH_DOCUMENT, variables: { branch: toRef(branch) } },
      branchSchema,
    );
    return { id: found.id, tip: found.ref && toTip(found.ref.target) };
  }

  /** As `Forge.replaceBranch`. */
  async replace(options: {
    repository: string;
    changeSet: ChangeSet;
    mayReplace: (tip: BranchTip) => boolean;
  }): Promise<WrittenBranch> {
    const { repository, changeSet, mayReplace } = options;
    const { branch, baseBranch } = changeSet;
    if (branch === baseBranch) {
      throw new ForgeError('unsupported', `${branch} is the base branch`);
    }
    const now = await this.#readBase(repository, changeSet);
    const tip = now.branch && toTip(now.branch);
    if (tip && !mayReplace(tip)) {
      return { outcome: 'kept', tip };
    }
    if (!now.isCurrent) {
      throw explainStale(this.#place(repository), baseBranch);
    }
    const base = now.base.oid;
    const tree = await this.#writeTree(repository, changeSet, now);
    if (tree === now.base.tree.oid) {
      // Git has it already, in other words.
      throw explainStale(this.#place(repository), baseBranch);
    }
    const isThere =
      now.branch?.tree.oid === tree &&
      now.branch.parents.nodes.length === 1 &&
      now.branch.parents.nodes[0].oid === base &&
      now.branch.message.trim() === changeSet.commitMessage.trim();
    if (tip && isThere) {
      // Reviews and checks of it stay.
      return { outcome: 'written', commit: tip.commit, base };
    }
    const commit = await this.#writeCommit(repository, changeSet, {
      tree,
      parent: base,
    });
    await this.#move(repository, {
      id: now.id,
      branch,
      from: tip?.commit ?? NO_COMMIT,
      to: commit,
    });
    return { outcome: 'written', commit, base };
  }

  /** Puts a branch to a commit, when it is not there or may be replaced as it is. */
  async putBack(
    repository: string,
    options: { branch: string; to: string; replaces?: string },
  ): Promise<void> {
    const { branch, replaces, to } = options;
    const { id, tip } = await this.#read(repository, branch);
    const isFree = !tip || tip.commit === replaces;
    if (isFree && tip?.commit !== to) {
      await this.#move(repository, {
        id,
        branch,
        from: tip?.commit ?? NO_COMMIT,
        to,
      });
    }
  }

  /** The tip of the base branch, and whether every file is on it what the change set was rendered from. */
  async #readBase(
    repository: string,
    { baseBranch, branch, files }: ChangeSet,
  ) {
    const { repository: found } = await this.#client.query(
      repository,
      {
        document: tipDocument(files.length),
        variables: {
          base: toRef(baseBranch),
          branch: toRef(branch),
          ...toVariables(
            'p',
            files.map(({ path }) => path),
          ),
        },
      },
      tipSchema,
    );
    const place = this.#place(repository);
    if (found.isArchived) {
      throw explainArchived(place);
    }
    if (found.isEmpty) {
      throw explainEmpty(place);
    }
    if (!found.base) {
      throw explainNoBranch(place, baseBranch);
    }
    const base = found.base.target;
    return {
      id: found.id,
      base,
      branch: found.branch?.target,
      isCurrent: files.every(
        ({ before }, index) => fileOf(base, index)?.oid === before?.id,
      ),
      modeOf: (index: number) => fileOf(base, index)?.mode,
    };
  }

  async #writeTree(
    repository: string,
    { files }: ChangeSet,
    now: {
      base: { tree: { oid: string } };
      modeOf: (index: number) => number | undefined;
    },
  ): Promise<string> {
    const call: GitHubCall = {
      method: 'POST',
      path: ['git', 'trees'],
      isSeen: true,
      body: {
        base_tree: now.base.tree.oid,
        tree: files.map(({ path, after }, index) => ({
          path,
          mode: now.modeOf(index) === 0o100755 ? '100755' : '100644',
          type: 'blob',
          ...(after === undefined ? { sha: null } : { content: after }),
        })),
      },
    };
    const answer = await this.#client.repeat(repository, call);
    return this.#client.parse(repository, call, {
      answer,
      schema: madeSchema,
      expected: 201,
    }).sha;
  }

  async #writeCommit(
    repository: string,
    { author, commitMessage, committer, date }: ChangeSet,
    { parent, tree }: { parent: string; tree: string },
  ): Promise<string> {
    const call: GitHubCall = {
      method: 'POST',
      path: ['git', 'commits'],
      isSeen: true,
      body: {
        message: commitMessage,
        tree,
        parents: [parent],
        author: { ...author, date },
        committer: { ...committer, date },
      },
    };
    const answer = await this.#client.repeat(repository, call);
    return this.#client.parse(repository, call, {
      answer,
      schema: madeSchema,
      expected: 201,
    }).sha;
  }

  /**
   * Moves or makes a branch.
   *
   * @throws ForgeError `lost-race` when it has another commit than it is moved from
   */
  async #move(
    repository: string,
    move: { id: string; branch: string; from: string; to: string },
  ): Promise<void> {
    const { branch, from, id, to } = move;
    const problem = await this.#client.mutate(repository, {
      document: MOVE_DOCUMENT,
      variables: {
        repositoryId: id,
        name: toRef(branch),
        before: from,
        after: to,
      },
    });
    if (!problem) {
      return;
    }
    // What it means is looked up: GitHub tells it in words only.
    const tip = await this.read(repository, branch);
    if (tip?.commit === to) {
      return;
    }
    if ((tip?.commit ?? NO_COMMIT) !== from) {
      throw explainLostRace(this.#place(repository), branch);
    }
    throw this.#client.moveRefused(repository, { branch, problem });
  }

  #place(repository: string): string {
    return `${repository} on ${this.#client.host}`;
  }
}

function toTip({
  committer,
  message,
  oid,
}: z.output<typeof tipCommitSchema>): BranchTip {
  return {
    commit: oid,
    message,
    committer: { name: committer?.name ?? '', email: committer?.email ?? '' },
    date: committer?.date ?? '',
  };
}
