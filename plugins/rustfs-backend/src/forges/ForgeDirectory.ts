import { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { Forge, ForgeFactory } from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  ForgeHooks,
  ForgeIntegration,
  ForgeKind,
  ForgeNews,
} from '@rustfs-portal/plugin-rustfs-node';
import { ForgeConfig, openTransport } from '../config';
import { matchRepository } from './matchRepository';
import { FORGE_KINDS } from './registry';

/** A repository on a forge that the portal can write to. */
export interface ForgeRepository {
  forge: Forge;
  /** Address of the forge, its name in problems. */
  forgeUrl: string;
  /** As the forge names it. */
  repository: string;
}

interface KnownForge {
  config: ForgeConfig;
  factory: ForgeFactory;
  hooks?: ForgeHooks;
  forge: Forge;
}

/** The configured forges. */
export class ForgeDirectory {
  readonly #forges: KnownForge[];

  private constructor(forges: KnownForge[]) {
    this.#forges = forges;
  }

  /**
   * @param options - `config`: the whole configuration, for the credentials of `integrations:`
   * @throws InputError when a forge has no credentials, or its address cannot be one
   */
  static create(
    configs: ForgeConfig[],
    options: { config?: Config; kinds?: readonly ForgeKind[] } = {},
  ): ForgeDirectory {
    const { kinds = FORGE_KINDS } = options;
    return new ForgeDirectory(
      configs.map((config, index) => {
        const kind = kinds.find(({ factory }) => factory.id === config.type)!;
        const { factory } = kind;
        const integration =
          options.config &&
          kind.findIntegration?.(options.config, config.baseUrl);
        const apiBaseUrl = config.apiBaseUrl ?? integration?.apiBaseUrl;
        return {
          config,
          factory,
          hooks: kind.hooks,
          forge: factory.create({
            baseUrl: config.baseUrl,
            apiBaseUrl,
            credentials: chooseCredentials(config, {
              kind,
              integration,
              index,
            }),
            timeoutMs: {
              read: config.transport.timeoutMs,
              write: config.writeTimeoutMs,
            },
            fetch: openTransport(`forge ${config.baseUrl} of rustfs.forges`, {
              ...config.transport,
              url: apiBaseUrl ?? config.baseUrl,
              timeoutMs: config.writeTimeoutMs,
            }).fetch,
          }),
        };
      }),
    );
  }

  /** The forge that hosts a repository, by the address that the GitOps engine reads it from. */
  find(repositoryUrl: string): ForgeRepository | undefined {
    for (const { config, factory, forge } of this.#forges) {
      const repository = matchRepository(repositoryUrl, {
        forgeUrls: [config.baseUrl, ...config.gitUrls],
        toRepository: path => factory.toRepository(path),
      });
      if (repository) {
        return { forge, forgeUrl: config.baseUrl, repository };
      }
    }
    return undefined;
  }

  /** Topics that webhooks of the configured forges are published as. */
  get hookTopics(): string[] {
    const topics = this.#forges.flatMap(({ hooks }) => hooks?.topic ?? []);
    return [...new Set(topics)];
  }

  /**
   * What a webhook says of repositories on the configured forges.
   *
   * @param body - whatever was published
   */
  readHook(
    topic: string,
    body: unknown,
  ): Array<ForgeRepository & Pick<ForgeNews, 'about'>> {
    const reader = this.#forges.find(({ hooks }) => hooks?.topic === topic);
    const news = reader?.hooks?.read(body) ?? [];
    return news.flatMap(({ about, repository }) => {
      const found = repository
        .map(address => this.find(address))
        .find(known => known !== undefined);
      return found ? [{ ...found, about }] : [];
    });
  }
}

function chooseCredentials(
  { baseUrl, token }: ForgeConfig,
  options: {
    kind: ForgeKind;
    integration?: ForgeIntegration;
    index: number;
  },
): NonNullable<ForgeIntegration['credentials']> {
  const { index, integration, kind } = options;
  const { factory } = kind;
  if (token !== undefined) {
    return async () => factory.toCredentials(token);
  }
  if (!integration?.credentials) {
    throw new InputError(
      `Configuration is wrong at rustfs.forges[${index}].token: expected an access token, as integrations.${
        kind.integrationType ?? factory.id
      } has no credentials for ${new URL(baseUrl).host}`,
    );
  }
  return integration.credentials;
}
