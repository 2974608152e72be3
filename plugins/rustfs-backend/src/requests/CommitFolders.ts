import {
  ForgeError,
  RepositorySnapshot,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { ForgeRepository } from '../forges';

/** A repository may be of some megabytes. */
const MAX_KEPT = 8;

/**
 * Folders of repositories at commits. Such a folder never changes, so each is read once, also when several ask at the same
 * time; so is that it is larger than the portal reads.
 */
export class CommitFolders {
  /** By repository, commit and folder; what was used last stands last. */
  readonly #kept = new Map<string, Promise<RepositorySnapshot>>();

  /**
   * The commit that a branch has now.
   *
   * @throws ForgeError when it cannot be told, or there is no such branch
   */
  async tipOf(
    { forge, forgeUrl, repository }: ForgeRepository,
    branch: string,
  ): Promise<string> {
    const tip = await forge.readBranch(repository, branch);
    if (!tip) {
      throw new ForgeError(
        'not-found',
        `${repository} on ${forgeUrl} has no branch ${branch}`,
      );
    }
    return tip.commit;
  }

  /**
   * The YAML files of a folder at a commit.
   *
   * @param at - `folder`: empty is the whole repository
   * @throws ForgeError when they cannot be read; of the reason `unsupported` when they are more than the portal reads
   */
  async read(
    { forge, forgeUrl, repository }: ForgeRepository,
    { commit, folder }: { commit: string; folder: string },
  ): Promise<RepositorySnapshot> {
    const key = [forgeUrl, repository, commit, folder].join('\n');
    const kept =
      this.#kept.get(key) ??
      forge.readFolder({ repository, ref: commit, folder });
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT) {
      this.#kept.delete(oldest);
    }
    try {
      return await kept;
    } catch (error) {
      if (!isTooLarge(error) && this.#kept.get(key) === kept) {
        this.#kept.delete(key);
      }
      throw error;
    }
  }

  /** As {@link CommitFolders.read}; undefined when there is more than the portal reads. */
  async readIfPossible(
    where: ForgeRepository,
    at: { commit: string; folder: string },
  ): Promise<RepositorySnapshot | undefined> {
    try {
      return await this.read(where, at);
    } catch (error) {
      if (isTooLarge(error)) {
        return undefined;
      }
      throw error;
    }
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof ForgeError && error.reason === 'unsupported';
}
