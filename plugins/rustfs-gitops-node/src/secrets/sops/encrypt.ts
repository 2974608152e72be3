import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { armor, Encrypter } from 'age-encryption';
import { Document, isMap, Scalar, YAMLMap } from 'yaml';
import { TextTree } from '../manifest';
import { isSelected, SopsRule } from './rules';

/** SOPS uses 32 bytes where AES-GCM usually takes 12. */
const IV_BYTES = 32;

/** The release of sops whose format this is; readers compare it with what they know. */
const FORMAT_VERSION = '3.11.0';

/**
 * Encrypts a tree of texts as `sops --encrypt` does for age recipients, and writes it as YAML. Texts alone: numbers, dates
 * and the like read differently in SOPS and would break its checksum.
 *
 * The format is that of getsops/sops: every value on its own with AES-256-GCM and one key per file, the path of the value
 * authenticated with it, and a SHA-512 over the values in document order, encrypted like a value.
 *
 * @throws Error when a recipient is not a public key of age
 */
export async function encryptTree(
  tree: TextTree,
  rule: SopsRule,
  now: Date = new Date(),
): Promise<string> {
  const key = randomBytes(32);
  const digest = createHash('sha512');
  if (rule.macOnlyEncrypted) {
    // Keeps the two kinds of checksum apart.
    digest.update(createHash('sha256').update('sops').digest());
  }
  const seal = (node: TextTree, above: string[]): TextTree =>
    Object.fromEntries(
      Object.entries(node).map(([name, value]) => {
        const path = [...above, name];
        if (typeof value !== 'string') {
          return [name, seal(value, path)];
        }
        const selected = isSelected(rule.selector, path);
        if (selected || !rule.macOnlyEncrypted) {
          digest.update(value);
        }
        return [
          name,
          selected && value
            ? sealValue(key, value, path.map(part => `${part}:`).join(''))
            : value,
        ];
      }),
    );
  const document = new Document(seal(tree, []));
  // Readers write the time anew to check it: in whole seconds.
  const lastmodified = `${now.toISOString().slice(0, 19)}Z`;
  const age = await Promise.all(
    rule.recipients.map(async recipient => {
      const wrapped = new Scalar(await wrapKey(key, recipient));
      wrapped.type = 'BLOCK_LITERAL';
      const entry = new YAMLMap();
      entry.set('recipient', recipient);
      entry.set('enc', wrapped);
      return entry;
    }),
  );
  const metadata = document.createNode({
    age,
    lastmodified,
    mac: sealValue(key, digest.digest('hex').toUpperCase(), lastmodified),
    [rule.selector.name]: rule.selector.value,
    ...(rule.macOnlyEncrypted && { mac_only_encrypted: true }),
    version: FORMAT_VERSION,
  });
  if (isMap(document.contents)) {
    document.contents.set(document.createNode('sops'), metadata);
  }
  return document.toString({
    // What looks like a date or a number in one version of YAML is text for all readers this way.
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    indent: rule.indent,
    lineWidth: 0,
  });
}

function sealValue(key: Buffer, value: string, authenticated: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(authenticated));
  const data = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  const parts = {
    data,
    iv,
    tag: cipher.getAuthTag(),
  };
  const written = Object.entries(parts).map(
    ([name, bytes]) => `${name}:${bytes.toString('base64')}`,
  );
  return `ENC[AES256_GCM,${written.join(',')},type:str]`;
}

/** The key of the file for one reader, as a file of age. */
async function wrapKey(key: Buffer, recipient: string): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return `${armor.encode(await encrypter.encrypt(key)).trimEnd()}\n`;
}
