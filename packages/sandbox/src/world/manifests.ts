import { stringify } from 'yaml';
import { encryptManifest } from '../reconciler/sops';
import { WorldState } from './WorldState';

/** Manifests as a file of a repository, below a comment that says what they are for. */
export function writeManifests(
  comment: string,
  ...manifests: object[]
): string {
  return [
    `# ${comment}\n`,
    manifests.map(manifest => stringify(manifest)).join('---\n'),
  ].join('');
}

/** A Secret as SOPS writes it into a repository. */
export async function encryptedSecret(options: {
  name: string;
  namespace: string;
  data: Record<string, string>;
  labels?: Record<string, string>;
  state: WorldState;
}): Promise<string> {
  const { labels, name, namespace, data, state } = options;
  return encryptManifest(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace, ...(labels && { labels }) },
      // Not stringData: without decryption Flux would apply its ciphertext as the value.
      data: encode(data),
    },
    { recipients: [state.ageRecipient] },
  );
}

/** Texts as a Secret has them. */
export function encode(data: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, text]) => [
      key,
      Buffer.from(text).toString('base64'),
    ]),
  );
}
