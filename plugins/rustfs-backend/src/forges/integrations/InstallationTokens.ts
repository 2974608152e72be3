import { assertError } from '@backstage/errors';
import {
  GithubCredentialsProvider,
  GithubIntegrationConfig,
  SingleInstanceGithubCredentialsProvider,
} from '@backstage/integration';

/** For one answer of the provider, which has no limit of its own. */
export const TIMEOUT_MS = 10_000;
/** It is asked anew which repositories an app has, but not all the time. */
const ASK_ANEW_MS = 60_000;

/** Whether an app has no access to a repository, as far as the provider knows. */
export function isWithoutAccess({ message }: Error): boolean {
  return message.includes('does not have access to a repository');
}

async function limit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new DOMException('late', 'TimeoutError')),
      TIMEOUT_MS,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The tokens of a server's apps, or its one token. */
export class InstallationTokens {
  readonly #config: GithubIntegrationConfig;
  #askedAt = Date.now();
  #provider: GithubCredentialsProvider;

  constructor({ apps, ...config }: GithubIntegrationConfig) {
    this.#config = {
      ...config,
      // With it, the provider gives the token of somebody else's installation, which can read what is public and write nothing.
      apps: apps?.map(app => ({ ...app, publicAccess: false })),
    };
    this.#provider = SingleInstanceGithubCredentialsProvider.create(
      this.#config,
    );
  }

  async get(url: string) {
    return limit(this.#provider.getCredentials({ url })).catch(async error => {
      assertError(error);
      const now = Date.now();
      if (!isWithoutAccess(error) || now - this.#askedAt < ASK_ANEW_MS) {
        throw error;
      }
      // It keeps for 50 minutes which repositories an app has: one that was added since is known to a new one.
      this.#askedAt = now;
      const provider = SingleInstanceGithubCredentialsProvider.create(
        this.#config,
      );
      const credentials = await limit(provider.getCredentials({ url }));
      // One that has no answer would have lost the tokens of all other repositories.
      this.#provider = provider;
      return credentials;
    });
  }
}
