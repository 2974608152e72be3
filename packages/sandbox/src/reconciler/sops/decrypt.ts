import { toError } from '@backstage/errors';
import { armor, Decrypter, identityToRecipient } from 'age-encryption';
import { z } from 'zod';
import {
  additionalData,
  isEncryptedValue,
  openValue,
  SOPS_KEY,
} from './format';

const metadataSchema = z.object({
  mac: z.string(),
  age: z
    .array(z.object({ recipient: z.string(), enc: z.string() }))
    .default([]),
});

/** Whether Flux takes a manifest for one that SOPS encrypted. */
export function isEncryptedManifest(
  manifest: Record<string, unknown>,
): boolean {
  return metadataSchema.safeParse(manifest[SOPS_KEY]).success;
}

/**
 * Decrypts a manifest with age identities, as Flux does: the checksum over the document is not verified.
 *
 * @throws Error with the words of the kustomize-controller; no value of the manifest is in them
 * @internal
 */
export async function decryptManifest(
  manifest: Record<string, unknown>,
  identities: string[],
): Promise<Record<string, unknown>> {
  const { [SOPS_KEY]: metadata, ...content } = manifest;
  const key = await unwrapKey(metadataSchema.parse(metadata).age, identities);
  try {
    return decryptTree(content, key, []) as Record<string, unknown>;
  } catch (error) {
    throw new Error(
      `error decrypting sops tree: Error walking tree: Could not decrypt value: ${
        toError(error).message
      }`,
    );
  }
}

function decryptTree(value: unknown, key: Buffer, path: string[]): unknown {
  if (Array.isArray(value)) {
    return value.map(item => decryptTree(item, key, path));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        decryptTree(item, key, [...path, name]),
      ]),
    );
  }
  return isEncryptedValue(value)
    ? openValue({ key, text: value, additionalData: additionalData(path) })
    : value;
}

async function unwrapKey(
  wrapped: Array<{ recipient: string; enc: string }>,
  identities: string[],
): Promise<Buffer> {
  const recipients = await Promise.all(
    identities.map(identity => identityToRecipient(identity)),
  );
  for (const { recipient, enc } of wrapped) {
    const at = recipients.indexOf(recipient);
    if (at >= 0) {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identities[at]);
      return Buffer.from(await decrypter.decrypt(armor.decode(enc)));
    }
  }
  throw new Error(
    [
      'cannot get sops data key: Failed to get the data key required to decrypt the SOPS file.',
      '',
      'Group 0: FAILED',
      ...wrapped.flatMap(({ recipient }) => [
        `  ${recipient}: FAILED`,
        '    - | failed to create reader for decrypting sops data key with',
        '      | age: identity did not match any of the recipients: incorrect',
        '      | identity for recipient block',
        '',
      ]),
      'Recovery failed because no master key was able to decrypt the file. In',
      'order for SOPS to recover the file, at least one key has to be successful,',
      'but none were.',
    ].join('\n'),
  );
}
