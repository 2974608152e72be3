import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BuildOptions } from '@rustfs-portal/plugin-rustfs-common';
import { buildFolder, hasKustomize } from '../__testUtils__/kustomize';
import { readRepository, toSnapshot } from '../__testUtils__/readRepository';
import { DeclarationTarget, RepositorySnapshot } from '../types';
import { BucketFields, toBucketChange } from '../__testUtils__/bucketChange';
import { plan as planChange } from './plan';

const plan = (
  fields: BucketFields,
  ...rest: [RepositorySnapshot, DeclarationTarget]
) => planChange(toBucketChange(fields), ...rest);

const ROOT = join(__dirname, '__fixtures__/repositories');
const WITH_KUSTOMIZE = hasKustomize();

interface Case {
  folder?: string;
  /** `<namespace>/<name>`. */
  tenant?: string;
  bucket?: string;
  build?: BuildOptions;
  /** Code and words of the refusal; a change when there is none. */
  refused?: RegExp;
  /** Kustomize reads YAML of an older version, or not the file itself: its verdict says nothing. */
  unjudged?: boolean;
}

/** Repositories as people write them, by the name of their folder in the fixtures, and what comes of them. */
const CASES: Record<string, Case | Case[]> = {
  // A file that SOPS keeps.
  'sops-mac-multidoc': {
    folder: 'storage',
    refused:
      /^unsupported: storage\/tenant\.sops\.yaml:21 .*MAC covers the whole file.*; give the Tenant a file of its own/,
  },
  'sops-mac-only-encrypted': {},
  'sops-in-kustomization-of-secretgenerator': {},
  'record-with-sops': {},

  // Something else sets or removes the list.
  'component-patches-list': {
    refused:
      /^tenant-elsewhere: s\/components\/buckets\/kustomization\.yaml:4 patches spec\.buckets/,
  },
  'component-outside-folder': {
    refused:
      /^tenant-elsewhere: s\/kustomization\.yaml:6 .*\.\.\/components\/buckets, which cannot be read, so the list may be set there/,
  },
  'patch-outside-folder': {
    refused: /^tenant-elsewhere: .*\.\.\/patches\/tenant\.yaml, which cannot/,
  },
  'patch-file-json': {
    refused: /^tenant-elsewhere: .* p\.json, which cannot be read/,
  },
  'target-kind-regex': { refused: /^tenant-elsewhere: .*:6 patches spec/ },
  'target-group-only': { refused: /^tenant-elsewhere: .*:6 patches spec/ },
  'smp-name-regex-target': { refused: /^tenant-elsewhere: .*:6 patches spec/ },
  'target-other-namespace': {},
  'jsonpatch-replace-spec': { refused: /^tenant-elsewhere: .*:6 patches spec/ },
  'jsonpatch-replace-entry-name': {
    refused: /^tenant-elsewhere: .*:6 patches spec/,
  },
  'jsonpatch-copy-move': {},
  'jsonpatch-append': [
    {},
    {
      bucket: 'zeta',
      refused: /^declared-otherwise: Bucket zeta is declared .* already/,
    },
  ],
  'smp-replace-directive': {
    refused: /^tenant-elsewhere: .*:6 patches it with \$patch/,
  },
  'patch-before-prefix': {
    tenant: 'storage/prod-apps',
    refused: /^tenant-elsewhere: .*:7 patches spec/,
  },
  'patch-of-base-by-name-in-namespace-kustomization': {
    refused: /^tenant-elsewhere: s\/kustomization\.yaml:6 patches spec/,
  },
  'patch-of-sibling-base': {},
  'multi-doc-patch-inline': { unjudged: true },
  'openapi-schema-merge': {},
  transformers: {
    refused: /^tenant-elsewhere: s\/kustomization\.yaml:6 runs transformers/,
  },
  replacements: { refused: /^tenant-elsewhere: .*replacement for spec\.buck/ },
  'replacement-whole-list': {
    bucket: 'abc',
    refused: /^tenant-elsewhere: .*:7 has a replacement for spec\.buckets/,
  },
  'image-digest-float': {},

  // One manifest for several tenants.
  'same-file-twice-through-two-overlays': {
    refused: /^tenant-shared: .*s\/base is used by s\/a and s\/b/,
  },
  'same-second': {
    tenant: 'other/apps',
    refused: /^tenant-shared: .*s\/base is used by s\/a and s\/b/,
  },
  'shared-base-one-applied-here-other-elsewhere': {
    folder: 'clusters/prod',
    refused: /^tenant-elsewhere: .* it may come from \.\.\/\.\.\/base/,
  },
  'operator-overlay-base': {
    folder: 'networking/ingress',
    refused: /^tenant-elsewhere: .* it may come from \.\.\/base/,
  },

  // Entries of other kinds.
  'objectlock-yes': { bucket: 'velero', refused: /^declared-otherwise: / },
  'objectlock-y': { bucket: 'velero', refused: /^declared-otherwise: / },
  'objectlock-qtrueq': { bucket: 'velero', refused: /^declared-otherwise: / },
  'objectlock-upper-case': {
    bucket: 'velero',
    refused: /^declared-otherwise: /,
  },
  'objectlock-capitalized': {
    bucket: 'velero',
    refused: /^declared-otherwise: /,
  },
  'yaml11-yes-in-other-bucket': {},
  'objectlock-null': [
    {},
    {
      bucket: 'harbor',
      refused: /^declared-otherwise: .*s\/tenant\.yaml:8, without a record/,
    },
  ],
  'postbuild-bucket-name': [
    {
      bucket: 'prod-logs',
      refused:
        /^unsupported: s\/tenant\.yaml:13 declares bucket \$\{ENV\}-logs/,
    },
    {
      bucket: 'prod-logs',
      build: { postBuild: { substitute: { ENV: 'prod' } } },
      refused: /^declared-otherwise: Bucket prod-logs/,
    },
    {
      bucket: 'prod-logs',
      build: { postBuild: { substitute: { ENV: 'dev' } } },
    },
    {
      bucket: 'prod-logs',
      build: {
        postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'vars' }] },
      },
      refused: /^unsupported: /,
    },
    { bucket: 'loki' },
  ],

  // Found, whatever kustomize and Flux make of its name.
  'postbuild-vars': [
    {
      refused:
        /^tenant-elsewhere: s\/tenant\.yaml:1 declares Tenant \$\{NAMESPACE\}\/\$\{APP\}, and Flux substitutes/,
    },
    {
      build: {
        postBuild: { substitute: { APP: 'apps', NAMESPACE: 'storage' } },
      },
      unjudged: true,
    },
  ],
  'target-namespace': [
    {
      refused: /^tenant-elsewhere: s\/tenant\.yaml:1 declares Tenant default/,
    },
    { build: { targetNamespace: 'storage' }, unjudged: true },
    {
      build: {},
      refused: /^tenant-not-found: .* s\/tenant\.yaml:1 declares default\/apps/,
    },
  ],
  'component-namespace': {},
  'component-prefix': {},
  'namespace-transformer-other': {},
  'kustomization-with-generatoroptions-only': {},
  'numeric-namespace': { tenant: '2024/apps' },
  'list-kind': {},
  'sourceignore-copy': { unjudged: true },
  'cluster-of-apiversion-v1': {},
  'buckets-folder-with-own-kustomization': {},
  'records-in-one-file': {},
  'record-yaml11-off': {},

  // YAML as Kubernetes tools take it.
  'many-aliases': {},
  'flow-items-col0': {
    refused: /^not-parsable: s\/kustomization\.yaml:4 is not indented as far/,
  },
  'flow-close-at-col0': {},
  'buckets-on-next-line-empty': {},
  'empty-buckets-comment-inside': {},
  'anchor-list-shared': {
    refused: /^unsupported: s\/tenant\.yaml:12 nothing can be added/,
  },
  'apiversion-quoted': {},
  'block-scalar-indicator': {},
  'double-hash-header': {},
  'duplicate-name-entry-extra': {},
  'empty-and-comment-documents': {},
  'trailing-empty-document': {},
  'entry-comment-inline-long': {},
  'extension-yml-kustomization-k': {},
  'grouped-comments': {},
  'jinja-makejinja': {},
  'json-tenant-yaml': {},
  'list-same-column-as-key-then-key': {},
  'mixed-eol': {},
  'mixed-eol-crlf-first-line': {},
  'windows-crlf-kustomization-flow': {},
  'name-not-first': {},
  'name-quoted-not-first': {},
  'nbsp-and-unicode': {},
  'no-final-newline-comment': {},
  'quoted-keys-json-ish': {},
  'onedr0p-anchors': { folder: 'kubernetes/apps/storage/rustfs/app' },
  'yaml11-octal-and-sexagesimal-elsewhere': {},
  'tab-trailing': { unjudged: true },
  'tab-indented-comment': { unjudged: true },
  'yaml11-directive': { unjudged: true },

  // Not applied, or by something that the portal does not edit.
  'duplicate-resource-key': {
    refused: /^not-parsable: s\/kustomization\.yaml:5 .*twice/,
  },
  'two-kustomization-names': {
    refused: /^unsupported: s\/kustomization\.yaml and s\/kustomization\.yml/,
  },
  'kustomization-first-doc-comment': { refused: /no kustomization lists it/ },
  'kustomization-resources-null': { refused: /no kustomization lists it/ },
  'json-tenant-json': { refused: /it may come from tenant\.json/ },
  helmcharts: { refused: /it may come from helmCharts/ },
  'remote-tenant-only': { refused: /it may come from https:/ },
  'remote-base-plus-local': { unjudged: true },
  'helm-template': { refused: /^not-parsable: s\/templates\/tenant\.yaml:1/ },
};

const change: BucketFields = {
  requestId: '6f1c',
  createdAt: '2026-11-20T10:11:12.345Z',
  bucket: 'loki',
  entityRef: 'component:default/loki',
  owner: 'group:default/obs',
  requestedBy: 'user:default/ada',
  purpose: 'Logs',
  dataClass: 'internal',
  versioning: false,
  objectLock: false,
};

describe('plan', () => {
  it('is tried on every repository of the fixtures', () => {
    expect(Object.keys(CASES).sort()).toEqual(readdirSync(ROOT).sort());
  });

  const all = Object.entries(CASES).flatMap(([name, cases]) =>
    [cases].flat().map((one, i) => [name, i, one] as const),
  );
  it.each(all)('does right by %s (%i)', (name, _, options) => {
    const { folder = 's', tenant = 'storage/apps', build } = options;
    const { bucket = 'loki', refused, unjudged } = options;
    const [namespace, tenantName] = tenant.split('/');
    const target: DeclarationTarget = {
      tenant: { cluster: 'atlas', namespace, name: tenantName },
      layout: 'operator-tenant',
      folder,
      baseBranch: 'main',
      build,
    };
    const files = readRepository(join(ROOT, name));
    const snapshot = toSnapshot(files, folder);
    const result = plan({ ...change, bucket }, snapshot, target);
    const words =
      result.outcome === 'refused'
        ? result.reasons
            .map(({ code, message }) => `${code}: ${message}`)
            .join()
        : result.outcome;
    expect(words).toMatch(refused ?? /^change$/);
    if (result.outcome !== 'change') {
      return;
    }
    const after = {
      ...files,
      ...Object.fromEntries(
        result.changeSet.files.map(file => [file.path, file.after!]),
      ),
    };
    expect(
      plan({ ...change, bucket }, toSnapshot(after, folder), target),
    ).toMatchObject({ outcome: 'unchanged' });
    if (!WITH_KUSTOMIZE || unjudged) {
      return;
    }
    const found = bucketsOf(buildFolder(after, folder), tenant);
    expect(found.filter(each => each === bucket)).toEqual([bucket]);
  });

  it('ends a new line as the lines beside it end', () => {
    const { files } = toSnapshot(
      readRepository(join(ROOT, 'mixed-eol-crlf-first-line')),
      's',
    );
    const result = plan(
      change,
      { revision: 'a', files },
      {
        tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
        layout: 'operator-tenant',
        folder: 's',
        baseBranch: 'main',
      },
    );
    expect(result).toMatchObject({
      changeSet: {
        files: expect.arrayContaining([
          expect.objectContaining({
            path: 's/tenant.yaml',
            after: expect.stringContaining('\n    - name: loki\n'),
          }),
        ]),
      },
    });
  });
});

function bucketsOf(
  built: ReturnType<typeof buildFolder>,
  tenant: string,
): string[] {
  if ('failure' in built) {
    throw new Error(built.failure);
  }
  return (built.objects as TenantLike[])
    .filter(
      ({ kind, metadata }) =>
        kind === 'Tenant' &&
        tenant === `${metadata.namespace ?? 'storage'}/${metadata.name}`,
    )
    .flatMap(({ spec }) => (spec?.buckets ?? []).map(({ name }) => name));
}

interface TenantLike {
  kind: string;
  metadata: { name: string; namespace?: string };
  spec?: { buckets?: Array<{ name: string }> | null };
}
