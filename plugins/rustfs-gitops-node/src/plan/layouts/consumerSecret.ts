import { AccessDeclared } from '@rustfs-portal/plugin-rustfs-common';
import { SecretNeed } from '../../secrets';
import { nameOf, namespaceOf } from '../kustomize/RenderedObject';
import { isBelow, normalizeFolder } from '../paths';
import { Refused } from '../Refused';
import { Workspace } from '../Workspace';
import { Layout, LayoutInput } from './Layout';
import { consumerSlot, findSealed, toNeed } from './secretNeeds';

const WHAT = 'Secret of the workload';

/**
 * A repository that holds the Secrets of workloads alone: one file each, added for an access and taken out when it ends.
 * Everything else about the access is declared elsewhere.
 */
export const planConsumerSecret: Layout = input => {
  const { change, snapshot, target } = input;
  const workspace = new Workspace(snapshot, target);
  const { access: known } = target.consumer!;
  const needs: SecretNeed[] = [];
  for (const declaration of change.declare({
    buckets: [],
    accesses: known ? [known] : [],
  })) {
    if (declaration.type === 'access') {
      needs.push(...planSecret(input, workspace, declaration));
    }
  }
  return needs.length ? { needs } : { files: workspace.toFiles() };
};

/** @returns what has to be encrypted first */
function planSecret(
  input: LayoutInput,
  workspace: Workspace,
  access: AccessDeclared,
): SecretNeed[] {
  const file = fileOf(workspace, access);
  if (access.state === 'revoked') {
    if (file) {
      workspace.remove(file, WHAT);
    }
    return [];
  }
  const folder = normalizeFolder(input.target.consumer!.folder);
  refuseOutside(folder, workspace.rendered.folder);
  const need = toNeed(input, access, consumerSlot(access, folder));
  const [secret] = findSealed([need], input.change.sealed) ?? [];
  if (!secret) {
    return [need];
  }
  if (file && workspace.text(file) === secret.content) {
    // This very request is in Git already.
    return [];
  }
  const { name, namespace } = secret.slot;
  if (file) {
    throw new Refused(
      'declared-otherwise',
      `${file} declares Secret ${namespace}/${name} already; choose another name`,
      { field: 'consumer.secret', places: [file] },
    );
  }
  workspace.create(secret.path, secret.content, {
    what: WHAT,
    field: 'consumer.secret',
    kind: 'Secret',
    name,
    namespace,
  });
  return [];
}

/** What lies elsewhere is not what the engine applies. */
function refuseOutside(folder: string, root: string): void {
  if (root !== '' && folder !== root && !isBelow(folder, root)) {
    throw new Refused(
      'unsupported',
      `The folder ${folder} for Secrets of workloads is not in ${root}, which is what their Kustomization applies; the platform team mends rustfs.consumers`,
      { field: 'consumer', places: [folder] },
    );
  }
}

/** The file of a Secret as it is applied, as far as the portal wrote it. */
function fileOf(
  { rendered }: Workspace,
  { consumer: { namespace, secret } }: AccessDeclared,
): string | undefined {
  return rendered.objects.find(
    object =>
      object.kind === 'Secret' &&
      nameOf(object) === secret &&
      namespaceOf(object) === namespace,
  )?.path;
}
