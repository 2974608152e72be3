import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { createDecipheriv, createHash } from 'node:crypto';
import { parse } from 'yaml';
import { decryptManifest, isEncryptedManifest } from './decrypt';
import { encryptManifest } from './encrypt';

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'apps-root', namespace: 'storage' },
  data: { accesskey: 'cm9vdC1hcHBz', secretkey: 'bm90IGEgc2VjcmV0' },
};

async function encrypted() {
  const identity = await generateX25519Identity();
  const text = await encryptManifest(secret, {
    recipients: [await identityToRecipient(identity)],
    now: new Date('2026-11-20T18:00:00.123Z'),
  });
  return { identity, text, manifest: parse(text) };
}

describe('SOPS with age', () => {
  it('reads back what it wrote and leaves the rest of the manifest readable', async () => {
    const { identity, text, manifest } = await encrypted();

    expect(text).not.toContain(secret.data.secretkey);
    expect(manifest).toMatchObject({
      kind: 'Secret',
      metadata: secret.metadata,
      data: {
        accesskey: expect.stringMatching(/^ENC\[AES256_GCM,.*type:str\]$/),
      },
      sops: {
        lastmodified: '2026-11-20T18:00:00Z',
        encrypted_regex: '^(data|stringData)$',
      },
    });
    expect(isEncryptedManifest(manifest)).toBe(true);
    await expect(decryptManifest(manifest, [identity])).resolves.toEqual(
      secret,
    );
  });

  it('writes the checksum that the sops command verifies', async () => {
    const { identity, manifest } = await encrypted();
    const { armor, Decrypter } =
      jest.requireActual<typeof import('age-encryption')>('age-encryption');
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const key = await decrypter.decrypt(armor.decode(manifest.sops.age[0].enc));
    const [, data, iv, tag] =
      /data:(.+),iv:(.+),tag:(.+),type:str/.exec(manifest.sops.mac) ?? [];
    const decipher = createDecipheriv(
      'aes-256-gcm',
      key,
      Buffer.from(iv, 'base64'),
    );
    decipher.setAAD(Buffer.from('2026-11-20T18:00:00Z'));
    decipher.setAuthTag(Buffer.from(tag, 'base64'));

    const values = [
      'v1',
      'Secret',
      'apps-root',
      'storage',
      secret.data.accesskey,
      secret.data.secretkey,
    ].join('');
    expect(
      decipher.update(data, 'base64', 'utf8') + decipher.final('utf8'),
    ).toBe(createHash('sha512').update(values).digest('hex').toUpperCase());
  });

  it('says whose key is missing when the identity is another one', async () => {
    const { manifest } = await encrypted();
    await expect(
      decryptManifest(manifest, [await generateX25519Identity()]),
    ).rejects.toThrow(
      new RegExp(
        `cannot get sops data key: [^]*${manifest.sops.age[0].recipient}: FAILED`,
      ),
    );
  });

  it('refuses a value that was edited or moved to another key', async () => {
    const { identity, manifest } = await encrypted();
    const { accesskey, secretkey } = manifest.data;
    await expect(
      decryptManifest(
        { ...manifest, data: { accesskey: secretkey, secretkey: accesskey } },
        [identity],
      ),
    ).rejects.toThrow('cipher: message authentication failed');
  });
});
