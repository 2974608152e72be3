import { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

const KEY = 'events.modules.gitea.webhookSecret';

/** One that is shorter can be guessed by whoever has seen a single hook. */
const SHORTEST = 16;

/**
 * The secrets that webhooks may be signed with; none: nothing is received.
 *
 * @throws InputError when one cannot be taken
 */
export function readSecrets(config: Config): string[] {
  const value = config.getOptional(KEY);
  if (value === undefined) {
    return [];
  }
  const secrets = Array.isArray(value) ? value : [value];
  for (const secret of secrets) {
    if (typeof secret !== 'string' || secret.length < SHORTEST) {
      throw new InputError(
        `Configuration is wrong at ${KEY}: expected a secret of at least ${SHORTEST} characters, or a list of such; make one with: openssl rand -hex 32`,
      );
    }
  }
  return secrets as string[];
}
