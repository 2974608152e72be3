import { RepositoryFile } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { ForgeRepository } from '../forges';
import { once } from './once';
import { SilentForges } from './SilentForges';

/** Reads files of repositories in one round over all requests: what many of them have to look at is read once. */
export class RoundFiles {
  readonly #forges: Pick<SilentForges, 'ask'>;
  readonly #read = new Map<string, Promise<Record<string, RepositoryFile>>>();

  constructor(options: { forges: Pick<SilentForges, 'ask'> }) {
    this.#forges = options.forges;
  }

  /** Some files at a branch or commit; those that are not there are left out. */
  async read(
    { forge, forgeUrl, repository }: ForgeRepository,
    ref: string,
    paths: string[],
  ): Promise<Record<string, RepositoryFile>> {
    const wanted = [...new Set(paths)].sort();
    return once(
      this.#read,
      JSON.stringify([forgeUrl, repository, ref, wanted]),
      () =>
        this.#forges.ask(forgeUrl, () =>
          forge.readFiles({ repository, ref, paths: wanted }),
        ),
    );
  }
}
