import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCertificate, unsealValue } from '@rustfs-portal/sandbox/testUtils';
import { parse } from 'yaml';
import { SecretSlot } from '../SecretWriter';
import { SealedSecretsWriter, SealingCertificate } from './SealedSecretsWriter';

/** The real command, which opens with the code of the controller; `npm test` fetches it where Go is at hand. */
const kubeseal = process.env.SECRET_TOOLS
  ? join(process.env.SECRET_TOOLS, 'kubeseal')
  : 'kubeseal';
const describeWithKubeseal =
  spawnSync(kubeseal, ['--version']).status === 0 ? describe : describe.skip;

const values = { accesskey: 'AK-9127', secretkey: 'ünd 2024-01-01\n' };

const slot: SecretSlot = {
  id: 'server.loki',
  path: 'storage/secrets/access-loki.sealedsecret.yaml',
  name: 'access-loki',
  namespace: 'storage-setup',
  labels: { 'rustfs-portal/record': 'key' },
  keys: Object.keys(values),
};

/** Of a key of 1024 bits. */
const SHORT = `-----BEGIN CERTIFICATE-----
MIIB/jCCAWegAwIBAgIUBe73Xk93OM10IwZwYS24XuP9SiQwDQYJKoZIhvcNAQEL
BQAwEDEOMAwGA1UEAwwFc2hvcnQwIBcNMjYxMTMwMDgzOTMwWhgPMjEyNjExMDYw
ODM5MzBaMBAxDjAMBgNVBAMMBXNob3J0MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB
iQKBgQDOH0sMl/N+dp3uFhvZcw6Tps2ZRzzAcRUBqbSBhEKSNYVyuX3+nZRnsZEt
p9zkN+ksgJg0nModwxea0l1h1nSaBmCB6m+vS2RXAnQfXY09is4srSzYScuSXV/A
5wMjMMxx3jZebJQgH+NQ6PL71Zccgf9UJNWKZYKNRje0e+TPpwIDAQABo1MwUTAd
BgNVHQ4EFgQUwW/MI94VBC8q590p38sYrfEBywcwHwYDVR0jBBgwFoAUwW/MI94V
BC8q590p38sYrfEBywcwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOB
gQC9rZ/4SB0QApRm9IOMGyPoVKbltmB9v9gbl5kEEBAo+XO87T5gVUO3S1bEePms
wymd4HTNdz+/ZC0u2//XijOHhG5ZNrMYNPT6uvRmVW+PM1pE3fnnvW/ivmvwJVgx
zdv7ahqgZmIu2f0NQTO722P2P1FtH5FhQSjDLoIN3IcsYg==
-----END CERTIFICATE-----
`;

describe('SealedSecretsWriter', () => {
  let dir: string;
  let pem: string;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'sealing-'));
    pem = loadCertificate(dir).certificate;
  });

  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  const writerFor = (
    certificate: SealingCertificate = { pem, from: 'the certificate of it' },
    now?: string,
  ) =>
    new SealedSecretsWriter({
      certificate,
      ...(now && { now: () => new Date(now) }),
    });
  const check = (writer: SealedSecretsWriter, files = {}) =>
    writer.check(slot, files);

  it('writes one object, whose Secret has the labels by which it is found', async () => {
    const text = await writerFor().seal(slot, values, {});
    const { spec, ...object } = parse(text);
    expect(object).toEqual({
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: {
        name: slot.name,
        namespace: slot.namespace,
        labels: slot.labels,
        annotations: { 'sealedsecrets.bitnami.com/managed': 'true' },
      },
    });
    expect(spec.template).toEqual({
      type: 'Opaque',
      metadata: object.metadata,
    });
    expect(Object.keys(spec.encryptedData)).toEqual(slot.keys);
    for (const value of Object.values(values)) {
      expect(text).not.toContain(value.trim());
      expect(text).not.toContain(Buffer.from(value).toString('base64'));
    }
    // An alias is read by all, and written by nobody.
    expect(text).not.toMatch(/[&*]a\d/);
  });

  it.each(['no', 'on', '2024-01-01', '0o17', '1e3'])(
    'writes what is called %s as text',
    async name => {
      const named = { ...slot, name, namespace: name };
      const text = await writerFor().seal(named, { [name]: 'x' }, {});
      for (const version of ['1.1', '1.2'] as const) {
        expect(parse(text, { version })).toMatchObject({
          metadata: { name, namespace: name },
          spec: { encryptedData: { [name]: expect.any(String) } },
        });
      }
    },
  );

  it('shows the same object before anything is sealed', () => {
    expect(parse(writerFor().preview(slot))).toMatchObject({
      kind: 'SealedSecret',
      metadata: { labels: slot.labels },
      spec: { encryptedData: { secretkey: 'encrypted-when-requested' } },
    });
  });

  it('takes another certificate for other readers', () => {
    const other = mkdtempSync(join(dir, 'other-'));
    const { certificate } = loadCertificate(other);
    const one = check(writerFor());
    expect(check(writerFor())).toEqual(one);
    expect(
      check(writerFor({ pem: certificate, from: 'the certificate of it' })),
    ).not.toEqual(one);
  });

  it('reads its certificate in the repository, where it is told to', async () => {
    const file = 'clusters/atlas/sealed.pem';
    const writer = writerFor({ file });
    expect(writer.reads()).toEqual([file]);
    const files = { [file]: { content: pem, id: 'x' } };
    expect(check(writer, files)).toMatchObject({
      rule: file,
      recipients: [expect.stringMatching(/^sha256 [0-9A-F:]{95}$/)],
    });
    await expect(writer.seal(slot, values, files)).resolves.toContain(
      'SealedSecret',
    );
    await expect(writer.seal(slot, values, {})).rejects.toThrow(
      /There is no clusters\/atlas\/sealed\.pem/,
    );
  });

  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const inYears = (years: number, days = 0) =>
    new Date(Date.now() + (years * 365 + days) * 86_400_000).toISOString();

  it.each<
    [string, () => SealingCertificate, string | undefined, string, RegExp]
  >([
    [
      'there is none',
      () => ({ missing: 'No controller answers' }),
      undefined,
      'certificate-missing',
      /^No controller answers$/,
    ],
    [
      'the file is not there',
      () => ({ file: 'seal.pem' }),
      undefined,
      'certificate-missing',
      /kubeseal --fetch-cert/,
    ],
    [
      'it is something else',
      () => ({ pem: '<html>', from: 'the certificate at https://seal' }),
      undefined,
      'certificate-unusable',
      /^The certificate at https:\/\/seal is no certificate/,
    ],
    [
      'it is a key',
      () => ({
        pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        from: 'the certificate of it',
      }),
      undefined,
      'certificate-unusable',
      /is no certificate/,
    ],
    [
      'its key is too short',
      () => ({ pem: SHORT, from: 'the certificate of it' }),
      undefined,
      'certificate-unusable',
      /has an RSA key of 1024 bits, which is not safe/,
    ],
    [
      'it has expired',
      () => ({ pem, from: 'the certificate of it' }),
      inYears(11),
      'certificate-expired',
      /^The certificate of it has expired on 20\d\d-\d\d-\d\d, .*30 days/,
    ],
    [
      'it is of tomorrow',
      () => ({ pem, from: 'the certificate of it' }),
      inYears(-1),
      'certificate-unusable',
      /clocks/,
    ],
  ])(
    'says why nothing is sealed when %s',
    async (_, make, now, code, words) => {
      const writer = writerFor(make(), now);
      expect(check(writer)).toEqual({
        code,
        message: expect.stringMatching(words),
      });
      await expect(writer.seal(slot, values, {})).rejects.toThrow(words);
    },
  );

  it('says for which certificate, and when that ends soon', () => {
    const which = expect.stringMatching(
      /^Sealed for the certificate of it, SHA-256 [0-9A-F:]{95}\.$/,
    );
    expect(check(writerFor())).toMatchObject({ notes: [which] });
    expect(check(writerFor(undefined, inYears(10, -10)))).toMatchObject({
      notes: [
        which,
        expect.stringMatching(/^The certificate of it expires on 20/),
      ],
    });
  });

  it('seals what nobody need read also for one that has expired', async () => {
    const writer = writerFor(undefined, inYears(11));
    const discarded = { ...slot, isDiscarded: true };
    expect(writer.check(discarded, {})).not.toHaveProperty('code');
    await expect(writer.seal(discarded, values, {})).resolves.toContain(
      'SealedSecret',
    );
  });

  it('can be opened under its name in its namespace, and nowhere else', async () => {
    const { spec } = parse(await writerFor().seal(slot, values, {}));
    const { privateKey } = loadCertificate(dir);
    const open = (label: string) =>
      Object.entries<string>(spec.encryptedData).map(([key, value]) => [
        key,
        unsealValue(privateKey, value, label)?.toString(),
      ]);
    expect(open('storage-setup/access-loki')).toEqual(Object.entries(values));
    for (const label of [
      'storage-setup/elsewhere',
      'elsewhere/access-loki',
      'storage-setup',
      '',
    ]) {
      expect(open(label)).toEqual(slot.keys.map(key => [key, undefined]));
    }
  });

  describeWithKubeseal('before the code of the controller', () => {
    const unseal = (text: string) =>
      spawnSync(
        kubeseal,
        [
          '--recovery-unseal',
          '--recovery-private-key',
          join(dir, 'tls.key'),
          '--format',
          'yaml',
        ],
        { input: text, encoding: 'utf8' },
      );

    it('is opened, with the labels', async () => {
      const { stderr, stdout } = unseal(
        await writerFor().seal(slot, values, {}),
      );
      expect(stderr).toBe('');
      const secret = parse(stdout);
      expect(secret).toMatchObject({
        kind: 'Secret',
        type: 'Opaque',
        metadata: {
          name: slot.name,
          namespace: slot.namespace,
          labels: slot.labels,
          ownerReferences: [{ kind: 'SealedSecret', name: slot.name }],
        },
      });
      const opened = Object.entries<string>(secret.data).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString(),
      ]);
      expect(Object.fromEntries(opened)).toEqual(values);
    });

    it.each(['name: access-loki', 'namespace: storage-setup'])(
      'is not, where somebody moves it: other %s',
      async line => {
        const text = await writerFor().seal(slot, values, {});
        const [key, value] = line.split(': ');
        const { status, stderr } = unseal(
          text.split(`${key}: "${value}"`).join(`${key}: elsewhere`),
        );
        expect(status).not.toBe(0);
        expect(stderr).toContain('no key could decrypt secret');
      },
    );
  });
});
