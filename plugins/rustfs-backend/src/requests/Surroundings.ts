import { posix } from 'node:path';
import {
  DeclarationTarget,
  Installation,
  recognizeRepository,
  RepositoryFindings,
  RepositorySnapshot,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  DEFAULT_BRANCH,
  SourcedPlace,
  TenantFacts,
} from '@rustfs-portal/plugin-rustfs-node';
import { ForgeDirectory } from '../forges';
import { CommitFolders } from './CommitFolders';
import { LocatedTarget, PlanLook } from './LocatedTarget';

/** What a repository holds around a place. */
export interface FoundSurroundings {
  target: Pick<
    DeclarationTarget,
    'hidden' | 'installed' | 'madeElsewhere' | 'others' | 'rendered' | 'unseen'
  >;
  /** What installs servers. */
  installations: Installation[];
  /** It says for whom Secrets are encrypted. */
  hasSops: boolean;
}

/**
 * Finds what else of a repository decides about a place: who applies folders around it, what makes buckets and users
 * already, and what is rendered from templates.
 */
export class Surroundings {
  readonly #folders: CommitFolders;
  readonly #forges: Pick<ForgeDirectory, 'find'>;
  /** Recognizing takes a while, and the files of a commit never change. */
  readonly #findings = new WeakMap<RepositorySnapshot, RepositoryFindings>();

  constructor(options: {
    folders: CommitFolders;
    forges: Pick<ForgeDirectory, 'find'>;
  }) {
    this.#folders = options.folders;
    this.#forges = options.forges;
  }

  /**
   * Looks around a place, at the tip of its branch. Of a repository that is larger than the portal reads nothing is known
   * but the folder of the tenant, unless all of it is needed.
   *
   * @throws ForgeError when the files cannot be read now
   */
  async find(
    located: LocatedTarget,
    place: SourcedPlace,
    facts: TenantFacts,
  ): Promise<FoundSurroundings> {
    const { delivery, reads, repository } = located;
    const commit = await this.#folders.tipOf(located, delivery.baseBranch);
    const root = { commit, folder: '' };
    // What is planned on the whole repository needs all of it.
    const whole =
      reads === ''
        ? await this.#folders.read(located, root)
        : await this.#folders.readIfPossible(located, root);
    const others = await this.#findOthers(located, place, { commit, whole });
    if (!whole) {
      return {
        target: {
          others,
          unseen: `The repository ${repository} holds more than the portal reads, so only ${delivery.folder} was looked at: whether a chart or a script makes the same, or a template is rendered into that folder, is not known`,
        },
        installations: [],
        hasSops: false,
      };
    }
    const { hidden, installations, madeElsewhere, rendered } =
      this.#recognize(whole);
    return {
      installations,
      hasSops: Object.keys(whole.files).some(
        path => posix.basename(path) === '.sops.yaml',
      ),
      target: {
        hidden,
        madeElsewhere,
        rendered,
        others,
        installed: this.#describeInstalled(located, facts, installations),
      },
    };
  }

  /**
   * The whole repository instead of one folder of it: at the commit of the snapshot, and at those that the cluster may have.
   *
   * @returns undefined when it holds more than the portal reads
   * @throws ForgeError when it cannot be read now
   */
  async widen(
    located: LocatedTarget,
    place: SourcedPlace,
    { snapshot, target }: PlanLook,
  ): Promise<PlanLook | undefined> {
    const { applied } = target;
    const commit = snapshot.revision;
    const [whole, ...before] = await Promise.all(
      [snapshot, ...(applied?.snapshots ?? [])].map(({ revision }) =>
        this.#folders.readIfPossible(located, { commit: revision, folder: '' }),
      ),
    );
    const snapshots = before.filter(found => found !== undefined);
    return (
      whole && {
        snapshot: whole,
        target: {
          ...target,
          others: await this.#findOthers(located, place, { commit, whole }),
          applied: applied && { ...applied, snapshots },
        },
      }
    );
  }

  /** Who applies other folders of the repository, with those of their files that can be read. */
  async #findOthers(
    located: LocatedTarget,
    { others = [] }: SourcedPlace,
    read: { commit: string; whole: RepositorySnapshot | undefined },
  ): Promise<NonNullable<DeclarationTarget['others']>> {
    const { commit, whole } = read;
    return Promise.all(
      others.map(async ({ build, folder, object }) => ({
        by: `${object.kind} ${object.namespace}/${object.name}`,
        folder,
        build,
        snapshot:
          whole ??
          (isAbove(folder, located.delivery.folder)
            ? await this.#folders.readIfPossible(located, { commit, folder })
            : undefined),
      })),
    );
  }

  /** Where what installed the tenant is declared, if that is in the same repository. */
  #describeInstalled(
    { delivery, forgeUrl, repository }: LocatedTarget,
    facts: TenantFacts,
    installations: Installation[],
  ): DeclarationTarget['installed'] {
    const link = facts.installedAt?.link;
    const found = link && this.#forges.find(link.repository);
    if (
      !link ||
      found?.forgeUrl !== forgeUrl ||
      found.repository !== repository ||
      ![delivery.baseBranch, DEFAULT_BRANCH].includes(link.branch)
    ) {
      return undefined;
    }
    const { folder } = link;
    return {
      folder,
      holdsServer: installations.some(
        installation =>
          isAbove(folder, installation.folder) && isOf(installation.by, facts),
      ),
    };
  }

  #recognize(snapshot: RepositorySnapshot): RepositoryFindings {
    const { files, templates = [] } = snapshot;
    const found =
      this.#findings.get(snapshot) ??
      recognizeRepository(
        Object.fromEntries([
          ...Object.entries(files).map(([path, { content }]) => [
            path,
            content,
          ]),
          ...templates.map(path => [path, '']),
        ]),
      );
    this.#findings.set(snapshot, found);
    return found;
  }
}

/** Whether something in a repository is what installs a tenant: `HelmRelease storage/rustfs`; its namespace may be set elsewhere. */
export function isOf(
  by: string,
  { installedBy, workload }: TenantFacts,
): boolean {
  return [installedBy, workload].some(
    found =>
      found &&
      (by === `${found.kind} ${found.namespace}/${found.name}` ||
        by === `${found.kind} ${found.name}`),
  );
}

/** Whether a folder is another, or lies above it. */
function isAbove(above: string, folder: string): boolean {
  const { normalize } = posix;
  const [upper, lower] = [above, folder].map(path =>
    normalize(`/${path}`).replace(/\/*$/, '/'),
  );
  return lower.startsWith(upper);
}
