import { Encrypter, armor } from 'age-encryption';
import { createHash, randomBytes } from 'node:crypto';
import { Document, isMap, Scalar, YAMLMap } from 'yaml';
import { additionalData, sealValue, SOPS_KEY } from './format';

/** Keeps `apiVersion`, `kind` and `metadata` readable, as Flux needs it. */
const ENCRYPTED_REGEX = '^(data|stringData)$';

type Tree = { [key: string]: string | Tree };

/**
 * Encrypts the `data` and `stringData` of a manifest as `sops --encrypt` does for age recipients, and writes it as YAML.
 *
 * Only text values are supported: YAML types other than text read differently in SOPS and would break its checksum.
 *
 * @internal
 */
export async function encryptManifest(
  manifest: Tree,
  options: { recipients: string[]; now?: Date },
): Promise<string> {
  const key = randomBytes(32);
  const digest = createHash('sha512');
  const encrypted = encryptTree(manifest, { key, digest, path: [] });
  const lastmodified = (options.now ?? new Date())
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');

  const document = new Document(encrypted);
  const age = await Promise.all(
    options.recipients.map(async recipient => {
      const enc = new Scalar(await wrapKey(key, recipient));
      enc.type = 'BLOCK_LITERAL';
      const entry = new YAMLMap();
      entry.set('recipient', recipient);
      entry.set('enc', enc);
      return entry;
    }),
  );
  const sops = document.createNode({
    age,
    lastmodified,
    mac: sealValue({
      key,
      value: digest.digest('hex').toUpperCase(),
      additionalData: lastmodified,
    }),
    encrypted_regex: ENCRYPTED_REGEX,
    version: '3.13.2',
  });
  if (isMap(document.contents)) {
    document.contents.set(document.createNode(SOPS_KEY), sops);
  }
  return document.toString({
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
  });
}

function encryptTree(
  tree: Tree,
  state: {
    key: Buffer;
    digest: { update(text: string): unknown };
    path: string[];
  },
): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([name, value]) => {
      const path = [...state.path, name];
      if (typeof value !== 'string') {
        return [name, encryptTree(value, { ...state, path })];
      }
      // The checksum covers every value, encrypted or not.
      state.digest.update(value);
      const selected = path.some(
        part => part === 'data' || part === 'stringData',
      );
      return [
        name,
        selected && value
          ? sealValue({
              key: state.key,
              value,
              additionalData: additionalData(path),
            })
          : value,
      ];
    }),
  );
}

async function wrapKey(key: Buffer, recipient: string): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return `${armor.encode(await encrypter.encrypt(key)).trimEnd()}\n`;
}
