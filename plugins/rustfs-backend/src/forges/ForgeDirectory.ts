import { Forge, GiteaForge } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { ForgeConfig, openTransport } from '../config';
import { matchRepository } from './matchRepository';

/** A repository on a forge that the portal can write to. */
export interface ForgeRepository {
  forge: Forge;
  /** Address of the forge, its name in problems. */
  forgeUrl: string;
  /** `owner/name`. */
  repository: string;
}

/** The configured forges. */
export class ForgeDirectory {
  readonly #forges: Array<{ config: ForgeConfig; forge: Forge }>;

  private constructor(forges: Array<{ config: ForgeConfig; forge: Forge }>) {
    this.#forges = forges;
  }

  static create(configs: ForgeConfig[]): ForgeDirectory {
    return new ForgeDirectory(
      configs.map(config => ({
        config,
        forge: GiteaForge.create({
          baseUrl: config.baseUrl,
          token: config.token,
          timeoutMs: {
            read: config.transport.timeoutMs,
            write: config.writeTimeoutMs,
          },
          fetch: openTransport(`forge ${config.baseUrl} of rustfs.forges`, {
            ...config.transport,
            url: config.baseUrl,
            timeoutMs: config.writeTimeoutMs,
          }).fetch,
        }),
      })),
    );
  }

  /** The forge that hosts a repository, by the address that the GitOps engine reads it from. */
  find(repositoryUrl: string): ForgeRepository | undefined {
    for (const { config, forge } of this.#forges) {
      const repository = matchRepository(repositoryUrl, [
        config.baseUrl,
        ...config.gitUrls,
      ]);
      if (repository) {
        return { forge, forgeUrl: config.baseUrl, repository };
      }
    }
    return undefined;
  }
}
