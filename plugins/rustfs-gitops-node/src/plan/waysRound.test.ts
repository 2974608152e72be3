import { toBucketChange } from '../__testUtils__/bucketChange';
import { toSnapshot } from '../__testUtils__/readRepository';
import { plan } from './plan';

const TENANT =
  'apiVersion: rustfs.com/v1alpha1\nkind: Tenant\nmetadata:\n  name: apps\n  namespace: storage\n  labels: {tier: gold}\nspec:\n  pools: []\n  buckets:\n    - name: harbor\n    - name: velero\n';
const SMP =
  'apiVersion: rustfs.com/v1alpha1\nkind: Tenant\nmetadata:\n  name: apps\n  namespace: storage\nspec:\n  buckets:\n    - name: harbor\n';
const wipe = '- {op: replace, path: /spec/buckets, value: []}';

/** What somebody may write to have an entry vanish, by what is special in it; `+` before those that do no harm. */
const CASES: Record<string, Record<string, string>> = {
  'a field in another case': {
    'kustomization.yaml': `resources: [tenant.yaml]\nPatches:\n- target: {kind: Tenant}\n  patch: '${wipe}'\n`,
  },
  'a target with an inline flag': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatches:\n- target: {kind: "(?i)tenant"}\n  patch: '${wipe}'\n`,
  },
  'a target by its version': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatches:\n- target: {version: "v1(alpha|beta)1"}\n  patch: '${wipe}'\n`,
  },
  'a label selector with a set': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatches:\n- target: {labelSelector: "tier in (gold, silver)"}\n  patch: '${wipe}'\n`,
  },
  '+ a label selector of others': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatches:\n- target: {kind: Tenant, labelSelector: "tier notin (gold)"}\n  patch: '${wipe}'\n`,
  },
  'a label that the base sets first': {
    'kustomization.yaml': `resources: [b]\npatches:\n- target: {labelSelector: "x=y"}\n  patch: '${wipe}'\n`,
    'b/kustomization.yaml': `resources: [../tenant.yaml]\nlabels: [{pairs: {x: "y"}}]\n`,
  },
  'a pointer with escapes': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatches:\n- target: {kind: Tenant}\n  patch: '[{"op":"add","path":"/metadata/annotations","value":{"config.kubernetes.io/local-config":"true"}}]'\n`,
  },
  'an annotation for all': {
    'kustomization.yaml': `resources: [tenant.yaml]\ncommonAnnotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}\n`,
  },
  'a merge key in a patch': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatches:\n- path: p.yaml\n`,
    'p.yaml':
      'x: &s\n  buckets: []\napiVersion: rustfs.com/v1alpha1\nkind: Tenant\nmetadata: {name: apps, namespace: storage}\nspec:\n  <<: *s\n',
  },
  'a patch with two documents': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatches:\n- path: p.yaml\n`,
    'p.yaml': `${SMP.replace(/spec:[^]*/, 'spec: {image: x}\n')}---\n${SMP}`,
  },
  'a path in patchesStrategicMerge': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatchesStrategicMerge: [./x/../p.yaml]\n`,
    'p.yaml': SMP,
  },
  'a component of a component': {
    'kustomization.yaml': `resources: [tenant.yaml]\ncomponents: [c]\n`,
    'c/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncomponents: [../d]\n`,
    'd/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- target: {kind: Tenant}\n  patch: '${wipe}'\n`,
  },
  'replacements in a file': {
    'kustomization.yaml': `resources: [tenant.yaml]\nreplacements: [{path: r.yaml}]\n`,
    'r.yaml':
      '- source: {kind: Tenant, fieldPath: metadata.name}\n  targets:\n  - select: {kind: Tenant}\n    fieldPaths: ["spec.buckets.[name=velero].name"]\n',
  },
  'a replacement with a wildcard': {
    'kustomization.yaml': `resources: [tenant.yaml]\nreplacements:\n- source: {kind: Tenant, fieldPath: metadata.name}\n  targets:\n  - select: {name: apps}\n    fieldPaths: [spec.buckets.*.region]\n    options: {create: true}\n`,
  },
  'a configuration of a sibling': {
    'kustomization.yaml': `resources: [tenant.yaml, b]\nnamePrefix: p-\n`,
    'b/kustomization.yaml': `resources: [cm.yaml]\nconfigurations: [c.yaml]\n`,
    'b/cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n',
    'b/c.yaml': 'namePrefix:\n- path: spec/buckets/name\n  kind: Tenant\n',
  },
  'a copy over the list': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatches:\n- target: {kind: Tenant}\n  patch: '[{op: copy, from: /spec/pools, path: /spec/buckets}]'\n`,
  },
  'a test of the list': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatches:\n- target: {kind: Tenant}\n  patch: '[{op: test, path: /spec/buckets/1/name, value: velero}]'\n`,
  },
  'a patch file without an extension': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatches:\n- {path: p, target: {kind: Tenant}}\n`,
    p: wipe,
  },
  'a name that a patch changes': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatches:\n- target: {kind: Tenant}\n  patch: '[{op: replace, path: /metadata/name, value: apps}]'\n`,
  },
  '+ a target of another name': {
    'kustomization.yaml': `resources: [b]\npatches:\n- target: {kind: Tenant, name: apps-old}\n  patch: '${wipe}'\nnameSuffix: ""\n`,
    'b/kustomization.yaml': `resources: [../tenant.yaml]\nnamePrefix: ""\n`,
  },
  'a patch of everything that has no label, the new record too': {
    'kustomization.yaml': `resources: [tenant.yaml]\npatches:\n- target: {labelSelector: "tier notin (gold)"}\n  patch: '${wipe}'\n`,
  },
  '+ a transformer of a sibling': {
    'kustomization.yaml': `resources: [tenant.yaml, b]\n`,
    'b/kustomization.yaml': `resources: [cm.yaml]\ntransformers: [t.yaml]\n`,
    'b/cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n',
    'b/t.yaml': `apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\ntarget: {kind: Tenant}\npatch: '${wipe}'\n`,
  },
};

it.each(Object.entries(CASES))('plan does right by %s', (name, more) => {
  const files = Object.fromEntries(
    Object.entries({ 'tenant.yaml': TENANT, ...more }).map(([path, text]) => [
      `s/${path}`,
      text,
    ]),
  );
  const result = plan(
    toBucketChange({
      requestId: 'r1',
      createdAt: '2026-11-20T10:11:12.345Z',
      bucket: 'loki',
      entityRef: 'component:default/loki',
      owner: 'group:default/obs',
      requestedBy: 'user:default/ada',
      purpose: 'logs',
      dataClass: 'internal',
      versioning: false,
      objectLock: false,
    }),
    toSnapshot(files, 's'),
    {
      tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
      layout: 'operator-tenant',
      folder: 's',
      baseBranch: 'main',
      build: {},
    },
  );
  expect(result.outcome).toBe(name.startsWith('+') ? 'change' : 'refused');
});
