import {
  BucketDeclared,
  stringifyTenantRef,
  toBucketRecordData,
} from '@rustfs-portal/plugin-rustfs-common';
import { DeclarationTarget, RepositorySnapshot } from '../../../types';
import { EntryMap, insertIntoList, setText } from '../../../yaml';
import { placeOf } from '../../kustomize/RenderedObject';
import { LISTS } from '../../kustomize/lists';
import { joinPath } from '../../paths';
import { findRefusals, Refused } from '../../Refused';
import { renderTarget } from '../../renderTarget';
import { Workspace } from '../../Workspace';
import { Layout, LayoutInput, Obstacle } from '../Layout';
import { readAccesses } from '../shared/accessRecords';
import {
  changeBucketRecord,
  createBucketRecord,
  findBucketRecord,
  refuseOtherRecord,
  toBucketDeclared,
} from '../shared/bucketRecords';
import { compareWithApplied } from '../shared/compareWithApplied';
import { keyNote } from '../shared/notes';
import { findRecords, FoundRecord } from '../shared/records';
import { NO_BLUEPRINTS } from '../shared/noBlueprints';
import { AccessPlanner, MAX_ENTRIES } from './AccessPlanner';
import { DeclaredBucket, keyOfEntry } from './declaredList';
import { findTenant, FoundTenant } from './findTenant';

/** The operator's schema takes no more. */
const MAX_BUCKETS = 1024;

/**
 * Storage that is declared for the RustFS operator. A bucket is an entry in `spec.buckets` of the Tenant and its record;
 * an access is an entry in `spec.policies` and `spec.users`, the policy in a ConfigMap, the user's Secret and its record.
 */
export const operatorTenant: Layout = {
  id: 'operator-tenant',

  standsAlone: true,

  read: (files, target) => {
    const rendered = renderTarget(files, target);
    return readDeclared(
      findTenant(rendered, target),
      findRecords(rendered, target),
    );
  },

  express: ({ type }) => (type === 'blueprint' ? NO_BLUEPRINTS : true),

  notes: (declaration, { writer }) => {
    if (declaration.type === 'bucket') {
      return [
        'The operator makes the bucket from the entry in the Tenant. The portal applies quota and versioning from the bucket record, once both are in the cluster.',
      ];
    }
    return declaration.type === 'access' && declaration.state === 'active'
      ? [
          keyNote(writer),
          'The operator makes the user with exactly this policy from the entries in the Tenant.',
        ]
      : [];
  },

  limits: ({ applied }) => {
    const { buckets, policies, users } = applied?.live ?? {};
    return {
      buckets: { limit: MAX_BUCKETS, declared: buckets?.length },
      policies: { limit: MAX_ENTRIES, declared: policies?.length },
      users: { limit: MAX_ENTRIES, declared: users?.length },
    };
  },

  examine: (files, target) => {
    const ofLists: Obstacle[] = [];
    const general = findRefusals(() => {
      const rendered = renderTarget(files, target);
      findTenant(rendered, target);
      proveTenant(target);
      // Something else may set these lists where it leaves the buckets alone.
      const found = findRefusals(() => {
        findTenant(rendered, target, ['policies', 'users']);
      });
      ofLists.push(
        ...found.map(refusal => ({ ...refusal, blocks: 'accesses' as const })),
      );
    });
    return [
      ...general.map(refusal => ({
        ...refusal,
        blocks: 'everything' as const,
      })),
      ...ofLists,
    ];
  },

  plan: input => {
    const { change, snapshot, target } = input;
    const workspace = new Workspace(snapshot, target);
    const tenant = findTenant(workspace.rendered, target);
    const records = findRecords(workspace.rendered, target);
    const declarations = change.declare(readDeclared(tenant, records));

    const accesses = new AccessPlanner(input, { workspace, tenant, records });
    for (const declaration of declarations) {
      if (declaration.type === 'bucket') {
        planBucket(input, { workspace, tenant, records }, declaration);
      } else if (declaration.type === 'access') {
        accesses.plan(declaration);
      }
    }
    return accesses.needs.length
      ? { needs: accesses.needs }
      : { files: workspace.toFiles() };
  },
};

/** Proves that the list of the Tenant in the cluster is the one of the files that are applied. */
function proveTenant(target: DeclarationTarget): void {
  compareWithApplied(target, {
    what: 'buckets',
    read: (applied: RepositorySnapshot) => {
      const { buckets, object } = findTenant(
        renderTarget(applied, target),
        target,
      );
      return { names: buckets, place: placeOf(object) };
    },
  });
}

/** What Git declares for the tenant, as far as records say it. */
function readDeclared(tenant: FoundTenant, records: FoundRecord[]) {
  return {
    buckets: records
      .filter(({ type }) => type === 'bucket')
      .map(record => readBucket(tenant, record)),
    accesses: readAccesses(records).map(({ access }) => access),
  };
}

function readBucket(
  tenant: FoundTenant,
  { data }: FoundRecord,
): BucketDeclared {
  const entry = tenant.buckets.find(({ name }) => name === data.bucket);
  const declared = toBucketDeclared(data, entry?.objectLock === true);
  return isNative(entry)
    ? { ...declared, versioning: entry.versioning === true }
    : declared;
}

interface Place {
  workspace: Workspace;
  tenant: FoundTenant;
  records: FoundRecord[];
}

function planBucket(
  input: LayoutInput,
  { workspace, tenant, records }: Place,
  bucket: BucketDeclared,
): void {
  const { change, target } = input;
  const record = findBucketRecord(records, bucket.name);
  const entry = findEntry(tenant, bucket.name);
  // What a record says stays there: a new CRD moves nothing by itself.
  const native =
    isNative(entry) ||
    (record?.data.versioning === undefined &&
      target.entryFields?.versioning === 'boolean');
  const toData = (declared: BucketDeclared) =>
    Object.fromEntries(
      Object.entries(toBucketRecordData(declared)).filter(
        ([key]) => !(native && key === 'versioning'),
      ),
    );
  const wanted = toData(bucket);
  if (change.edits === 'existing' && record) {
    changeBucketRecord(workspace, record, {
      before: toData(readBucket(tenant, record)),
      wanted,
    });
    if (native && entry) {
      changeEntry(workspace, tenant, entry, bucket);
    }
    return;
  }
  if (record) {
    refuseOtherRecord(input, record, wanted, [
      ...(entry && entry.objectLock !== bucket.objectLock
        ? [`object lock is ${writeSwitch(entry.objectLock)}`]
        : []),
      ...(native && entry && (entry.versioning ?? false) !== bucket.versioning
        ? [`versioning is ${writeSwitch(entry.versioning ?? false)}`]
        : []),
    ]);
  } else if (entry) {
    throw new Refused(
      'declared-otherwise',
      `Bucket ${bucket.name} is declared for ${stringifyTenantRef(
        target.tenant,
      )} already, in ${tenant.object.path}:${
        entry.line
      }, without a record of whose it is; choose another name`,
      { field: 'bucket' },
    );
  }
  if (!entry) {
    addToTenant(workspace, tenant, {
      name: bucket.name,
      ...(native && bucket.versioning && { versioning: true }),
      ...(bucket.objectLock && { objectLock: true }),
    });
  }
  if (!record) {
    createBucketRecord(
      input,
      {
        workspace,
        records,
        otherwise: joinPath(
          tenant.object.through.at(-1)?.folder ?? workspace.rendered.folder,
          'buckets',
          target.tenant.name,
        ),
      },
      wanted,
    );
  }
}

/** Whether an entry says itself if its bucket has versions. */
function isNative(entry: DeclaredBucket | undefined): entry is DeclaredBucket {
  return typeof entry?.versioning === 'boolean';
}

/** Sets what an entry says itself; whether a bucket has object lock cannot change. */
function changeEntry(
  workspace: Workspace,
  { object }: FoundTenant,
  { at, line, versioning = false }: DeclaredBucket,
  bucket: BucketDeclared,
): void {
  if (versioning === bucket.versioning) {
    return;
  }
  if (!at) {
    const place = `${object.path}:${line}`;
    throw new Refused(
      'unsupported',
      `A patch adds bucket ${bucket.name} behind the list in ${place}, so its versioning is not changed; move it into the list`,
      { field: 'bucket', places: [place] },
    );
  }
  workspace.edit(object.path, { line, wayOut: 'give the Tenant' }, text =>
    setText({
      text,
      document: object.document,
      path: [...at, 'versioning'],
      value: bucket.versioning,
    }),
  );
}

/** An entry that is, or may be once Flux has put in its variables, that of a bucket. */
function findEntry(
  { object, buckets }: FoundTenant,
  bucket: string,
): DeclaredBucket | undefined {
  const entry = buckets.find(({ name }) => name === bucket);
  const perhaps = buckets.find(
    ({ name, fits }) => name === undefined && fits(bucket),
  );
  if (!entry && perhaps) {
    const place = `${object.path}:${perhaps.line}`;
    throw new Refused(
      'unsupported',
      `${place} declares bucket ${perhaps.written}, in which Flux substitutes variables whose values the portal does not know, so it cannot be told whether it is ${bucket}; write its name into the manifest, or choose another name`,
      { field: 'bucket', places: [place] },
    );
  }
  return entry;
}

function writeSwitch(value: unknown): string {
  if (typeof value === 'boolean') {
    return value ? 'on' : 'off';
  }
  return `written as ${JSON.stringify(
    value,
  )}, which the operator does not take`;
}

function addToTenant(
  workspace: Workspace,
  { object, buckets }: FoundTenant,
  entry: EntryMap,
): void {
  if (buckets.length >= MAX_BUCKETS) {
    throw new Refused(
      'limit',
      `${placeOf(object)} declares ${
        buckets.length
      } buckets, the operator takes at most ${MAX_BUCKETS}`,
      { places: [placeOf(object)] },
    );
  }
  workspace.edit(
    object.path,
    { line: object.line, wayOut: 'give the Tenant' },
    text =>
      insertIntoList({
        text,
        document: object.document,
        path: [...object.at, ...LISTS.buckets],
        entry,
        keyOf: keyOfEntry,
      }),
  );
}
