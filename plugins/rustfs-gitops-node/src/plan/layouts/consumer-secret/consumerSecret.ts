import { AccessDeclared } from '@rustfs-portal/plugin-rustfs-common';
import { SecretNeed } from '../../../secrets';
import { DeclarationTarget } from '../../../types';
import { isBelow, normalizeFolder } from '../../paths';
import { Refused } from '../../Refused';
import { Workspace } from '../../Workspace';
import { Layout, LayoutInput } from '../Layout';
import { createSecrets, removeConsumerSecret } from '../shared/accessRecords';
import { keyNote } from '../shared/notes';
import { NO_BLUEPRINTS } from '../shared/noBlueprints';
import { consumerSlot, sealSecrets } from '../shared/secretNeeds';

/**
 * A repository that holds the Secrets of workloads alone: one file each, added for an access and taken out when it ends.
 * Everything else about the access is declared elsewhere.
 */
export const consumerSecret: Layout = {
  id: 'consumer-secret',

  read: (_, { consumer }) => ({
    buckets: [],
    accesses: consumer?.access ? [consumer.access] : [],
  }),

  // New buckets of an access are declared where its tenant is, before this.
  express: ({ type }) => (type === 'blueprint' ? NO_BLUEPRINTS : true),

  notes: (declaration, { writer }) =>
    declaration.type === 'access' && declaration.state === 'active'
      ? [keyNote(writer)]
      : [],

  limits: () => ({}),

  examine: () => [],

  plan: input => {
    const { change, snapshot, target } = input;
    const workspace = new Workspace(snapshot, target);
    const needs: SecretNeed[] = [];
    for (const declaration of change.declare(
      consumerSecret.read(snapshot, target),
    )) {
      if (declaration.type === 'access') {
        needs.push(...planSecret(input, workspace, declaration));
      }
    }
    return needs.length ? { needs } : { files: workspace.toFiles() };
  },
};

/** @returns what has to be encrypted first */
function planSecret(
  input: LayoutInput,
  workspace: Workspace,
  access: AccessDeclared,
): SecretNeed[] {
  if (access.state === 'revoked') {
    removeConsumerSecret(workspace, access);
    return [];
  }
  const folder = folderOf(input.target);
  refuseOutside(folder, workspace.rendered.folder);
  const answer = sealSecrets(input, access, [consumerSlot(access, folder)]);
  if ('needs' in answer) {
    return answer.needs;
  }
  const [{ content, slot }] = answer.sealed;
  const file = workspace.findSecret(slot.name, slot.namespace)?.path;
  // Else this very request is in Git already.
  if (!file || workspace.text(file) !== content) {
    createSecrets(workspace, answer.sealed);
  }
  return [];
}

/** @throws Error when the target names none, which whoever locates it does */
function folderOf({ consumer }: DeclarationTarget): string {
  if (!consumer) {
    throw new Error('A place for Secrets of workloads has a folder for them');
  }
  return normalizeFolder(consumer.folder);
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
