import { randomBytes } from 'node:crypto';
import {
  AccessDeclared,
  fillSecretForm,
  scopeNames,
  SecretForm,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  RepositoryFile,
  SealedSecret,
  SecretNeed,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { DatabaseSecretStore } from '../ledger';

/** Letters and digits alone: no shell, no URL and no variable of Flux reads anything into them. */
const ALPHABET =
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const SECRET_LENGTH = 40;

/** Where a consumer finds the bucket of its Secret. */
export interface SecretPlace {
  /** URL in the cluster. */
  endpoint: string;
  region: string;
}

/** What one repository needs. */
export interface SecretsOfPlace {
  needs: SecretNeed[];
  /** The files that decide how a Secret is encrypted there. */
  files: Record<string, RepositoryFile>;
}

/**
 * Makes keys and encrypts them at once. The one place where a key is in clear: between two lines of one function, in
 * memory, and nowhere after.
 */
export class SecretSealer {
  readonly #forms: SecretForm[];
  readonly #store: Pick<DatabaseSecretStore, 'add'>;

  constructor(options: {
    forms: SecretForm[];
    store: Pick<DatabaseSecretStore, 'add'>;
  }) {
    this.#forms = options.forms;
    this.#store = options.store;
  }

  /**
   * Makes a new key and encrypts it for all Secrets that a request needs; it is kept before anybody else sees it, so that
   * a crash later makes no second key. Those from before stay: one of them may be merged at this very moment.
   */
  async seal(
    requestId: string,
    groups: SecretsOfPlace[],
    place: SecretPlace,
  ): Promise<SealedSecret[]> {
    const keys = new Map<string, string>();
    const sealed: SealedSecret[] = [];
    const all = groups.flatMap(({ files, needs }) =>
      needs.map(need => ({ files, need })),
    );
    for (const { files, need } of all) {
      const { access, plan, slot, writer } = need;
      const key = keys.get(access.name) ?? generateSecret();
      keys.set(access.name, key);
      sealed.push({
        id: slot.id,
        writer: writer.id,
        path: slot.path,
        recipients: plan.recipients,
        content: await writer.seal(
          slot,
          this.#valuesOf(need, key, place),
          files,
        ),
      });
    }
    keys.clear();
    await this.#store.add(requestId, sealed);
    return sealed;
  }

  #valuesOf(
    { access, holds }: SecretNeed,
    key: string,
    { endpoint, region }: SecretPlace,
  ): Record<string, string> {
    if (holds !== 'consumer') {
      return {
        accesskey: access.accessKeyId,
        // The key of a user whose access ends is one that nobody is given.
        secretkey: key,
      };
    }
    const form = this.#forms.find(({ id }) => id === access.consumer.form);
    if (!form) {
      throw new Error(`There is no form ${access.consumer.form} any more`);
    }
    return fillSecretForm(
      form,
      {
        accessKeyId: access.accessKeyId,
        secretAccessKey: key,
        endpoint,
        host: endpoint.replace(/^https?:\/\//, ''),
        region,
        bucket: bucketsOf(access),
      },
      access.consumer.names,
    );
  }
}

/** Stands in a preview for what is encrypted when it is asked for. */
export function toPlaceholder({
  plan,
  slot,
  writer,
}: SecretNeed): SealedSecret {
  return {
    id: slot.id,
    writer: writer.id,
    path: slot.path,
    recipients: plan.recipients,
    content: writer.preview(slot),
  };
}

function bucketsOf({ scope }: AccessDeclared): string {
  return scopeNames(scope).join(',');
}

function generateSecret(): string {
  let secret = '';
  while (secret.length < SECRET_LENGTH) {
    for (const byte of randomBytes(SECRET_LENGTH)) {
      // The same number of bytes for each letter.
      if (byte < ALPHABET.length * 4 && secret.length < SECRET_LENGTH) {
        secret += ALPHABET[byte % ALPHABET.length];
      }
    }
  }
  return secret;
}
