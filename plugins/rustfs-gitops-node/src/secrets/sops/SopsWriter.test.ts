import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import recorded from '../__fixtures__/sopsRules.json';
import { isSecretRefusal, SecretSlot } from '../SecretWriter';
import { SopsWriter } from './SopsWriter';

/** Where the real commands are; `npm test` fetches them where Go is at hand. */
const bin = process.env.SECRET_TOOLS;
const sops = bin ? join(bin, 'sops') : 'sops';
const keygen = bin ? join(bin, 'age-keygen') : 'age-keygen';
const isThere = (command: string) =>
  spawnSync(command, ['--version']).status === 0;
const describeWithSops = isThere(sops) ? describe : describe.skip;
const hasTools = isThere(sops) && isThere(keygen);
const describeWithTools = hasTools ? describe : describe.skip;

const writer = new SopsWriter();
const values = { accesskey: 'loki', secretkey: '2024-01-01' };

function slot(path: string, keys = Object.keys(values)): SecretSlot {
  return {
    id: 'server',
    path,
    name: 'access-loki',
    namespace: 'storage-setup',
    labels: {},
    keys,
  };
}

function toFiles(texts: Record<string, string | undefined>) {
  return Object.fromEntries(
    Object.entries(texts).map(([path, content = '']) => [
      path,
      { content, id: path },
    ]),
  );
}

/** Where the portal does otherwise than sops, and the words that say why. */
const REFUSED: Record<string, RegExp> = {
  plain: /Rule 1 of \.sops\.yaml would encrypt apiVersion, kind/,
  'unencrypted-suffix': /would leave data\.accesskey, data\.secretkey in clear/,
  'regex-only-secretkey': /would leave data\.accesskey in clear/,
  'two-key-groups': /Rule 1 of \.sops\.yaml splits the key over 2 key groups/,
  'age-and-pgp': /Rule 1 of \.sops\.yaml asks for pgp too/,
  'no-match': /No rule of \.sops\.yaml is for clusters\/atlas/,
  'empty-rules': /No rule of \.sops\.yaml/,
  'regex-backslashes': /No rule of \.sops\.yaml/,
  'yml-name': /No \.sops\.yaml lies beside or above/,
  'not-an-age-key': /age1notakey in rule 1 .* is not a public age key/,
  'regex-invalid': /path_regex of rule 1 of \.sops\.yaml is not a valid/,
};

const A = recorded.keys.A;
const rule = (text: string) => `creation_rules:\n${text}`;
const INVALID: Array<[string, string, RegExp]> = [
  ['a file that is no YAML', 'creation_rules: [', /cannot be read/],
  ['a list in place of the file', '- a', /cannot be read/],
  [
    'two selectors',
    rule(
      `  - age: ${A}\n    encrypted_regex: ^data$\n    unencrypted_suffix: _x\n`,
    ),
    /unencrypted_suffix and encrypted_regex/,
  ],
  [
    'a selector that is no pattern',
    rule(`  - age: ${A}\n    encrypted_regex: "("\n`),
    /encrypted_regex of rule 1/,
  ],
  [
    'a key system that is not known',
    rule(`  - age: ${A}\n    quantum_kms: x\n    encrypted_regex: ^data$\n`),
    /does not understand quantum_kms in rule 1/,
  ],
  [
    'a rule without keys',
    rule('  - encrypted_regex: ^data$\n'),
    /names no key/,
  ],
  [
    'an SSH key',
    rule(
      '  - age: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDvP\n    encrypted_regex: ^data$\n',
    ),
    /is not a public age key/,
  ],
  [
    'a comment as the selector',
    rule(`  - age: ${A}\n    encrypted_comment_regex: secret\n`),
    /in clear/,
  ],
  [
    'a key group with another system',
    rule(
      `  - encrypted_regex: ^data$\n    key_groups:\n      - age: [${A}]\n        pgp: [FBC7]\n`,
    ),
    /asks for pgp too/,
  ],
  [
    'a text in place of the list of a key group',
    rule(`  - encrypted_regex: ^data$\n    key_groups:\n      - age: ${A}\n`),
    /does not understand key_groups\.0\.age in rule 1/,
  ],
  [
    'another system in a merged group',
    rule(
      `  - encrypted_regex: ^data$\n    key_groups:\n      - merge:\n          - age: [${A}]\n          - kms: [{arn: x}]\n`,
    ),
    /asks for kms too/,
  ],
];

/** All the ways in which one text can hold two keys. */
const SEVERAL: Array<[string, (one: string, two: string) => string]> = [
  [
    'a text',
    (one, two) => rule(`  - age: ${one},${two}\n    encrypted_regex: ^data$\n`),
  ],
  [
    'a folded text with spaces',
    (one, two) =>
      rule(
        `  - age: >-\n      ${one} ,\n      ${two},\n    encrypted_regex: ^data$\n`,
      ),
  ],
  [
    'a text of several lines',
    (one, two) =>
      rule(
        `  - age: |\n      ${one},\n      ${two}\n    encrypted_regex: ^data$\n`,
      ),
  ],
  [
    'an anchor in a list',
    (one, two) =>
      `both: &both ${one}, ${two}\n${rule(
        '  - age: [*both]\n    encrypted_regex: ^data$\n',
      )}`,
  ],
  [
    'an anchor of several lines in a list',
    (one, two) =>
      `both: &both |\n  ${one},\n  ${two}\n${rule(
        '  - age:\n      - *both\n    encrypted_regex: ^data$\n',
      )}`,
  ],
  [
    'an anchor in a key group',
    (one, two) =>
      `both: &both ${one},${two}\n${rule(
        '  - encrypted_regex: ^data$\n    key_groups:\n      - age: [*both]\n',
      )}`,
  ],
];

describe('SopsWriter', () => {
  describe.each(recorded.cases)('the recorded case $id', recording => {
    const { files, path, id } = recording;
    const answer = writer.check(slot(path), toFiles(files));

    if (REFUSED[id]) {
      it('is refused, with the rule and what to change', () => {
        expect(isSecretRefusal(answer) && answer.message).toMatch(REFUSED[id]);
      });
      return;
    }

    it('is for whom sops encrypts it, each once', () => {
      expect(answer).toEqual({
        rule: expect.stringMatching(/^rule \d of .*\.sops\.yaml$/),
        recipients: [...new Set(recording.recipients)].sort(),
      });
    });

    it('encrypts the same leaves and keeps the same metadata', async () => {
      const text = await writer.seal(slot(path), values, toFiles(files));
      const { sops: metadata, ...manifest } = parse(text);

      expect(encryptedLeavesOf(manifest)).toEqual(recording.encrypted);
      expect(metadata).toMatchObject(recording.meta!);
      expect(text).toMatch(
        new RegExp(`\nmetadata:\n {${recording.indent}}name:`),
      );
      expect(text).not.toContain(
        Buffer.from(values.secretkey).toString('base64'),
      );
    });
  });

  it.each(INVALID)('refuses %s', (_, config, words) => {
    const path = 'clusters/atlas/access-loki.sops.yaml';
    const answer = writer.check(slot(path), toFiles({ '.sops.yaml': config }));

    expect(isSecretRefusal(answer) && answer.message).toMatch(words);
  });

  it('does not write what it refuses', async () => {
    await expect(
      writer.seal(slot('access.yaml'), values, toFiles({})),
    ).rejects.toThrow(/No \.sops\.yaml/);
  });

  it('takes one key group of age keys alone', () => {
    const config = rule(
      `  - encrypted_regex: ^data$\n    key_groups:\n      - age: [${A}]\n        merge:\n          - age: [${recorded.keys.B}]\n`,
    );
    expect(
      writer.check(slot('a.yaml'), toFiles({ '.sops.yaml': config })),
    ).toMatchObject({ recipients: [A, recorded.keys.B].sort() });
  });

  it.each(SEVERAL)('takes several keys in one text: %s', (_, config) => {
    const [A1, B1] = [recorded.keys.A, recorded.keys.B];
    expect(
      writer.check(slot('a.yaml'), toFiles({ '.sops.yaml': config(A1, B1) })),
    ).toMatchObject({ recipients: [A1, B1].sort() });
  });

  describeWithSops('the real sops, of several keys in one text,', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'sops-'));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it.each(SEVERAL)('takes them too: %s', (_, config) => {
      const { A: one, B: two } = recorded.keys;
      const text = config(one, two);
      writeFileSync(join(folder, '.sops.yaml'), text);
      writeFileSync(join(folder, 'a.yaml'), 'data:\n  a: b\n');
      const { sops: metadata } = parse(
        execFileSync(sops, ['--encrypt', 'a.yaml'], {
          cwd: folder,
          encoding: 'utf8',
        }),
      );
      expect(
        writer.check(slot('a.yaml'), toFiles({ '.sops.yaml': text })),
      ).toMatchObject({
        recipients: metadata.age
          .map(({ recipient }: { recipient: string }) => recipient)
          .sort(),
      });
    });
  });

  describeWithTools('in the hands of the real sops', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'sops-'));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it.each([
      ['a rule for data', 'encrypted_regex: ^(data|stringData)$'],
      [
        'a checksum over what is encrypted alone',
        'encrypted_regex: ^data$\n    mac_only_encrypted: true',
      ],
      [
        'a rule that names what stays readable',
        'unencrypted_regex: ^(apiVersion|kind|metadata|type)$',
      ],
    ])('is decrypted and its checksum holds: %s', async (_, selector) => {
      const identities = ['one', 'two'].map(name => {
        const file = join(folder, `${name}.agekey`);
        execFileSync(keygen, ['-o', file], { stdio: 'ignore' });
        return {
          file,
          recipient: execFileSync(keygen, ['-y', file], {
            encoding: 'utf8',
          }).trim(),
        };
      });
      const recipients = identities.map(({ recipient }) => recipient);
      const path = 'clusters/atlas/access-loki.sops.yaml';
      const text = await writer.seal(
        {
          ...slot(path, Object.keys(values)),
          labels: { 'rustfs-portal/access': '0123', on: 'true' },
        },
        { ...values, cloud: '[default]\naws_access_key_id=loki\n', empty: '' },
        toFiles({
          '.sops.yaml': rule(
            `  - age: ${recipients.join()}\n    ${selector}\n`,
          ),
        }),
      );
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);

      for (const identity of identities) {
        const plain = parse(
          execFileSync(sops, ['--decrypt', file], {
            encoding: 'utf8',
            env: { ...process.env, SOPS_AGE_KEY_FILE: identity.file },
          }),
        );
        expect(plain).toMatchObject({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: {
            name: 'access-loki',
            labels: { 'rustfs-portal/access': '0123', on: 'true' },
          },
          data: {
            accesskey: Buffer.from('loki').toString('base64'),
            secretkey: Buffer.from('2024-01-01').toString('base64'),
            cloud: Buffer.from('[default]\naws_access_key_id=loki\n').toString(
              'base64',
            ),
            empty: '',
          },
        });
      }
      // The checksum is what tells a forgery.
      writeFileSync(file, text.replace('"storage-setup"', '"elsewhere"'));
      const forged = spawnSync(sops, ['--decrypt', file], {
        encoding: 'utf8',
        env: { ...process.env, SOPS_AGE_KEY_FILE: identities[0].file },
      });
      expect(forged.status === 0).toBe(selector.includes('mac_only'));
    });
  });
});

function encryptedLeavesOf(node: unknown, above = ''): string[] {
  return Object.entries(node as object).flatMap(([key, value]) => {
    const path = above ? `${above}.${key}` : key;
    if (typeof value !== 'string') {
      return encryptedLeavesOf(value, path);
    }
    return value.startsWith('ENC[') ? [path] : [];
  });
}
