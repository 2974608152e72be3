import {
  AccessDeclared,
  ANNOTATION_REQUEST,
  AccessRecord,
  readAccessRecordData,
  stringifyTenantRef,
} from '@rustfs-portal/plugin-rustfs-common';
import { setText } from '../../../yaml';
import { joinPath } from '../../paths';
import {
  isRecord,
  placeOf,
  RenderedObject,
} from '../../kustomize/RenderedObject';
import { Refused } from '../../Refused';
import { homeNamespaceOf } from '../../renderTarget';
import { Workspace } from '../../Workspace';
import { LayoutInput } from '../Layout';
import { LABELS, writeConfigMap } from './manifests';
import {
  FoundRecord,
  folderOfRecords,
  RecordData,
  recordFileOf,
} from './records';
import { PlacedSecret } from './secretNeeds';

/** An access record with the object that holds it. */
export interface FoundAccess {
  access: AccessDeclared;
  record: FoundRecord;
}

/** The accesses of a tenant, as its records say. */
export function readAccesses(records: FoundRecord[]): FoundAccess[] {
  return records.flatMap(record => {
    const access =
      record.type === 'access' ? readAccessRecordData(record.data) : undefined;
    return access ? [{ access: toDeclared(access), record }] : [];
  });
}

function toDeclared({
  access: name,
  policy: _,
  document,
  ...record
}: Omit<AccessRecord, 'request'>): AccessDeclared {
  return {
    type: 'access',
    name,
    ...record,
    ...(document && { policy: document }),
  };
}

/** The Secret with the key of the user, for the provisioner. */
export function serverSecretOf(access: string, tenant: string): string {
  return `${tenant}-access-${access}`;
}

/**
 * Whether an access that is to be new is there already by this very request.
 *
 * @throws Refused when it is there by another
 */
export function isThereAlready(
  { change, target }: LayoutInput,
  access: string,
  before: FoundAccess | undefined,
): boolean {
  if (!before) {
    return false;
  }
  if (
    before.record.object.annotations?.get(ANNOTATION_REQUEST) ===
    change.requestId
  ) {
    return true;
  }
  throw new Refused(
    'declared-otherwise',
    `There is an access ${access} for ${stringifyTenantRef(
      target.tenant,
    )} in Git already; choose another name`,
    { field: 'access' },
  );
}

/** @throws Refused when the access that is to end is not in Git any more */
export function requireBefore(
  { target }: LayoutInput,
  access: string,
  before: FoundAccess | undefined,
): FoundAccess {
  if (!before) {
    throw new Refused(
      'declared-otherwise',
      `There is no access ${access} for ${stringifyTenantRef(
        target.tenant,
      )} in Git any more, so there is nothing to end`,
      { field: 'access' },
    );
  }
  return before;
}

/** Adds the record of an access where the others are. */
export function createAccessRecord(
  { change, target }: LayoutInput,
  place: { workspace: Workspace; records: FoundRecord[]; otherwise: string },
  data: RecordData,
): void {
  const { workspace, records, otherwise } = place;
  workspace.create(
    joinPath(
      folderOfRecords(records, 'access', { otherwise }),
      recordFileOf(data.access),
    ),
    writeConfigMap({
      name: `access.${target.tenant.name}.${data.access}`,
      target,
      requestId: change.requestId,
      record: 'access',
      data,
    }),
    {
      what: 'record of this access',
      field: 'access',
      kind: 'ConfigMap',
      namespace: homeNamespaceOf(target),
    },
  );
}

/**
 * Adds the encrypted Secrets of an access.
 *
 * @throws Refused when there is one of that name already, or something that makes it
 */
export function createSecrets(
  workspace: Workspace,
  sealed: PlacedSecret[],
): void {
  for (const { content, kind, path, slot } of sealed) {
    const { name, namespace } = slot;
    // The one of the workload has a name that somebody chose.
    const field = slot.id.startsWith('consumer.')
      ? 'consumer.secret'
      : 'access';
    const taken = workspace.findSecret(name, namespace);
    if (taken) {
      throw new Refused(
        'declared-otherwise',
        `${placeOf(taken)} declares Secret ${namespace}/${name} already${
          taken.kind === 'Secret' ? '' : ` (${taken.kind})`
        }; choose another name`,
        { field, places: [placeOf(taken)] },
      );
    }
    workspace.create(path, content, {
      what: `Secret of this access`,
      field,
      kind,
      name,
      namespace,
    });
  }
}

/** Takes out the Secret of the workload, unless somebody else has its name by now: an access ends whatever that one does. */
export function removeConsumerSecret(
  workspace: Workspace,
  { consumer: { namespace, secret } }: AccessDeclared,
): void {
  const found = workspace.findSecret(secret, namespace);
  if (found && isOurs(found)) {
    workspace.remove(found.path, 'Secret of the workload');
  }
}

/** As the file has it: on the way to the cluster others may put labels of their own in the place of these. */
function isOurs({ manifest }: RenderedObject): boolean {
  const metadata = isRecord(manifest.metadata) ? manifest.metadata : {};
  const labels = isRecord(metadata.labels) ? metadata.labels : {};
  return Object.entries(LABELS).every(
    ([label, value]) => labels[label] === value,
  );
}

/** Takes out the Secret of the workload, where it is declared beside the records. */
export function removeConsumerSecretBeside(
  { target }: LayoutInput,
  workspace: Workspace,
  access: AccessDeclared,
): void {
  // Of another cluster there may be one here that is called the same.
  if (access.consumer.cluster === target.tenant.cluster) {
    removeConsumerSecret(workspace, access);
  }
}

/** Says in the record that an access has ended. */
export function endAccessRecord(
  { change }: LayoutInput,
  workspace: Workspace,
  { object }: FoundRecord,
  { revokedAt = change.createdAt }: AccessDeclared,
): void {
  for (const [key, value] of Object.entries({ state: 'revoked', revokedAt })) {
    workspace.edit(
      object.path,
      { line: object.line, wayOut: 'give the record' },
      text =>
        setText({
          text,
          document: object.document,
          path: [...object.at, 'data', key],
          value,
        }),
    );
  }
}
