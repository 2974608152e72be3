import { SECRET_FORMS } from '@rustfs-portal/plugin-rustfs-common';
import { anAccess } from '../__testUtils__/fixtures';
import {
  accessesTo,
  connectionSnippets,
  reachOf,
  secretKeys,
  secretSnippet,
} from './snippets';

const TARGET = {
  endpoint: 'http://apps-io.storage.svc:9000',
  region: 'us-east-1',
  bucket: 'checkout-exports',
};

/** All but the environment, which names no command. */
function programs(target: Parameters<typeof connectionSnippets>[0]) {
  return connectionSnippets(target).filter(({ id }) => id !== 'env');
}

function withForm(form: string, names?: Record<string, string>) {
  return anAccess({
    consumer: { ...anAccess().consumer, form, names },
  });
}

describe('secretSnippet', () => {
  it('takes the whole Secret where its keys are what programs read', () => {
    expect(secretSnippet(withForm('aws')).code).toContain(
      'envFrom:\n  - secretRef:\n      name: invoices-s3',
    );
    expect(secretSnippet(withForm('mlflow')).code).toContain('envFrom:');
  });

  it('gives the keys of another form the names that programs read', () => {
    const { code } = secretSnippet(
      withForm('plain', { secretAccessKey: 'S3_SECRET' }),
    );
    expect(code).toContain(
      '  - name: AWS_SECRET_ACCESS_KEY\n    valueFrom:\n      secretKeyRef:\n        name: invoices-s3\n        key: S3_SECRET',
    );
    expect(code).toContain('key: accessKeyId');
    expect(code).not.toContain('envFrom');
  });

  it('mounts a file of credentials', () => {
    const { code } = secretSnippet(withForm('velero'));
    expect(code).toContain('value: /etc/s3/cloud');
    expect(code).toContain('secretName: invoices-s3');
  });

  it('takes the whole Secret in a form that is not known here', () => {
    expect(secretSnippet(withForm('of-a-company')).code).toContain('envFrom:');
    expect(secretKeys(withForm('of-a-company'))).toBeUndefined();
  });

  it('knows a form of the company, with names of one’s own', () => {
    const access = anAccess({
      consumer: {
        ...anAccess().consumer,
        form: 'of-a-company',
        names: { key: 'S3_KEY' },
      },
      secretForm: {
        id: 'of-a-company',
        title: 'Ours',
        description: 'What our services read.',
        entries: {
          key: '{accessKeyId}',
          secret: '{secretAccessKey}',
          where: '{endpoint}',
        },
      },
    });
    expect(secretKeys(access)).toEqual(['S3_KEY', 'secret', 'where']);
    const { code } = secretSnippet(access);
    expect(code).toContain('name: AWS_ACCESS_KEY_ID');
    expect(code).toContain('key: S3_KEY');
    expect(code).not.toContain('envFrom');
  });

  it('has something for every form, with its keys', () => {
    for (const { id, entries } of SECRET_FORMS) {
      expect(secretKeys(withForm(id))).toEqual(Object.keys(entries));
      expect(secretSnippet(withForm(id)).code).toMatch(/invoices-s3/);
    }
  });
});

describe('connectionSnippets', () => {
  it('list, and write where the access may not list', () => {
    for (const { code } of programs(TARGET)) {
      expect(code).toMatch(/ls |list|List/);
    }
    const writing = programs({
      ...TARGET,
      ...reachOf(anAccess({ mode: 'write' })),
    });
    for (const { code } of writing) {
      expect(code).not.toMatch(/\bls |list_objects|ListObjects|listObjects/);
      expect(code).toContain('hello.txt');
    }
  });

  it('keep to the folder that the access reaches', () => {
    const snippets = programs({
      ...TARGET,
      ...reachOf(
        anAccess({
          scope: { type: 'prefix', bucket: 'media', prefix: 'team-a/' },
        }),
      ),
    });
    for (const { code } of snippets) {
      expect(code).toContain('team-a/');
    }
  });
});

describe('accessesTo', () => {
  it('finds those that reach a bucket and have not ended', () => {
    const bucket = { tenant: 'atlas/storage/apps', name: 'loki-chunks' };
    const pattern = anAccess({
      name: 'loki',
      scope: { type: 'pattern', pattern: 'loki-*' },
    });
    const ended = { ...pattern, name: 'old', revokedAt: '2026-01-01' };
    const elsewhere = { ...pattern, tenant: 'borealis/storage/ml' };
    expect(accessesTo(bucket, [anAccess(), pattern, ended, elsewhere])).toEqual(
      [pattern],
    );
  });
});
