import { AccessDeclared } from '@rustfs-portal/plugin-rustfs-common';
import { SecretNeed } from '../../../secrets';
import { DeclarationTarget } from '../../../types';
import { isBelow, normalizeFolder } from '../../paths';
import { Refused } from '../../Refused';
import { Workspace } from '../../Workspace';
import { Layout, LayoutInput } from '../Layout';
import { NO_BLUEPRINTS, refuseBlueprint } from '../shared/refuseBlueprint';
import {
  consumerSlot,
  sealSecrets,
  whyCiphertext,
} from '../shared/secretNeeds';

const WHAT = 'Secret of the workload';

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

  express: ({ type }, target) => {
    switch (type) {
      case 'bucket':
        return {
          because: 'This place holds the Secrets of workloads alone',
          instead: 'ask for the bucket where its tenant is declared',
        };
      case 'blueprint':
        return NO_BLUEPRINTS;
      default:
        return whyCiphertext(target) ?? true;
    }
  },

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
      } else if (declaration.type === 'blueprint') {
        throw refuseBlueprint(declaration);
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
  const { namespace, secret: wanted } = access.consumer;
  const file = workspace.find('Secret', wanted, namespace)?.path;
  if (access.state === 'revoked') {
    if (file) {
      workspace.remove(file, WHAT);
    }
    return [];
  }
  const folder = folderOf(input.target);
  refuseOutside(folder, workspace.rendered.folder);
  const answer = sealSecrets(input, access, [consumerSlot(access, folder)]);
  if ('needs' in answer) {
    return answer.needs;
  }
  const [secret] = answer.sealed;
  if (file && workspace.text(file) === secret.content) {
    // This very request is in Git already.
    return [];
  }
  if (file) {
    throw new Refused(
      'declared-otherwise',
      `${file} declares Secret ${namespace}/${wanted} already; choose another name`,
      { field: 'consumer.secret', places: [file] },
    );
  }
  workspace.create(secret.path, secret.content, {
    what: WHAT,
    field: 'consumer.secret',
    kind: 'Secret',
    name: wanted,
    namespace,
  });
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
