import { DeclarationTarget, Refusal, RepositorySnapshot } from '../../../types';
import {
  nameOf,
  namespaceOf,
  RenderedObject,
} from '../../kustomize/RenderedObject';
import { nameOfApplier } from '../../nameOfApplier';
import { isBelow, joinPath, normalizeFolder } from '../../paths';
import { findRefusals, Refused } from '../../Refused';
import { homeNamespaceOf } from '../../renderTarget';
import { Workspace } from '../../Workspace';
import { Obstacle } from '../Layout';
import { findOthers, PROBE, Probe, probeIn } from '../shared/appliedElsewhere';

/** Where requests put files, beside those of workloads. */
export const PARTS = ['buckets', 'accesses', 'secrets'];

/** The folder that holds the records of a target, from the root of the repository. */
export function setupFolderOf({ folder, setup }: DeclarationTarget): string {
  return normalizeFolder(setup?.folder ?? folder);
}

/**
 * What keeps a setup folder from being what it is meant to be: every file in it applied once, under its name and in its
 * namespace.
 */
export function examineFolder(
  files: RepositorySnapshot,
  target: DeclarationTarget,
): Obstacle[] {
  const general = examineWhole(files, target).map(refusal => ({
    ...refusal,
    blocks: 'everything' as const,
  }));
  // What is not applied at all reaches no namespace either: one reason at a time.
  return general.length ? general : examineSecrets(files, target);
}

function examineWhole(
  files: RepositorySnapshot,
  target: DeclarationTarget,
): Refusal[] {
  const folder = setupFolderOf(target);
  const root = normalizeFolder(target.folder);
  const by = target.build?.by ?? 'Kustomization';
  const home = homeNamespaceOf(target);
  if (folder !== root && !isBelow(folder, root)) {
    return [
      {
        code: 'unsupported',
        field: 'tenant',
        message: `The setup folder ${folder} is not in ${root}, which is what its ${by} applies; the platform team mends the folder in the configuration of the tenant`,
        places: [folder],
      },
    ];
  }
  const moved = target.build?.targetNamespace;
  if (moved && moved !== home) {
    return [
      {
        code: 'unsupported',
        field: 'tenant',
        message: `The ${by} that applies ${
          root || 'the whole repository'
        } has targetNamespace ${moved}, which moves the records out of ${home}, where the setup program looks for them; take targetNamespace away`,
        places: [`spec.targetNamespace of the ${nameOfApplier(target.build)}`],
      },
    ];
  }
  const found = PARTS.flatMap(part => examinePart(files, target, part));
  return [
    // The same reason holds for all parts as a rule.
    ...new Map(found.map(refusal => [refusal.message, refusal])).values(),
    ...findOthers(target, {
      folder,
      parts: PARTS,
      what: 'the setup folder',
    }),
  ];
}

/** What would become of a new file in a part of the folder. */
function examinePart(
  files: RepositorySnapshot,
  target: DeclarationTarget,
  part: string,
): Refusal[] {
  const folder = setupFolderOf(target);
  const probe = probeIn(joinPath(folder, part), homeNamespaceOf(target));
  return findRefusals(() => {
    const workspace = new Workspace(files, target);
    const above = workspace.kustomizationOf(probe.path);
    if (workspace.rendered.isLeftOut(probe.path)) {
      throw refuse(
        `Files in ${joinPath(
          folder,
          part,
        )} are left out by .sourceignore or by spec.ignore of the source, so what is declared there never reaches the cluster; let them in`,
        joinPath(folder, part),
      );
    }
    if (above && above.folder !== folder && !isBelow(above.folder, folder)) {
      throw refuse(
        `${above.path} decides what is applied and leads to no kustomization in ${folder}, so what is declared there never reaches the cluster; give ${folder} a Kustomization of its own, or a kustomization.yaml that ${above.path} lists`,
        `${above.path}:1`,
      );
    }
    const [object, ...more] = renderProbe(workspace, probe);
    if (!object && !above && target.build?.directory) {
      throw refuse(
        `What is declared in ${joinPath(
          folder,
          part,
        )} does not reach the cluster: the ${nameOfApplier(
          target.build,
        )} applies a plain directory, and ${
          target.build.directory.recurse
            ? 'its include or exclude leaves those files out; let them in'
            : 'not the folders below; set directory.recurse: true'
        }`,
        folder,
      );
    }
    if (!object) {
      throw refuse(
        `What is declared in ${folder} does not reach the cluster: the kustomizations above it leave it out`,
        folder,
      );
    }
    if (more.length) {
      throw refuseTwice(folder, [object, ...more]);
    }
    const by = object.doubts[0]?.by ?? object.demands[0];
    if (by) {
      throw refuse(
        `${by} would change every record in ${folder}, or fail on it, which keeps everything else from the cluster too; narrow its target`,
        by,
      );
    }
    const namespace = namespaceOf(object);
    if (namespace !== probe.namespace) {
      const at = whereNamespace(object);
      throw refuse(
        `${at} has namespace ${namespace}, which moves the records in ${folder} out of ${probe.namespace}, where the setup program looks for them; take it away`,
        at,
      );
    }
    if (nameOf(object) !== PROBE) {
      throw refuse(
        `What is declared in ${folder} would be renamed on its way to the cluster, ${PROBE} to ${nameOf(
          object,
        )}; take namePrefix and nameSuffix away`,
        folder,
      );
    }
  });
}

/** Whether Secrets in the folder reach the namespaces that they are for; whether anything opens them there is for their writer to say. */
function examineSecrets(
  files: RepositorySnapshot,
  target: DeclarationTarget,
): Obstacle[] {
  const folder = setupFolderOf(target);
  const refusals: Refusal[] = [];
  if (target.consumers !== 'elsewhere') {
    const probe = probeIn(joinPath(folder, 'consumers', PROBE), PROBE);
    refusals.push(
      ...findRefusals(() => {
        const workspace = new Workspace(files, target);
        const [object] = renderProbe(workspace, probe);
        const namespace = object && namespaceOf(object);
        if (object && namespace !== PROBE) {
          throw refuse(
            `${
              target.build?.targetNamespace
                ? `targetNamespace of the ${target.build.by ?? 'Kustomization'}`
                : whereNamespace(object)
            } moves the Secrets of workloads in ${folder} into namespace ${namespace}; take it away, or say in rustfs.consumers where they are declared`,
            folder,
          );
        }
      }),
    );
  }
  return refusals.map(refusal => ({ ...refusal, blocks: 'accesses' as const }));
}

function renderProbe(
  workspace: Workspace,
  { path, content, namespace }: Probe,
): RenderedObject[] {
  workspace.create(path, content, {
    what: 'record',
    kind: 'ConfigMap',
    namespace,
  });
  return workspace.renderCreated().get(path) ?? [];
}

function refuse(message: string, place: string): Refused {
  return new Refused('unsupported', message, {
    field: 'tenant',
    places: [place],
  });
}

function refuseTwice(folder: string, objects: RenderedObject[]): Refused {
  const users = [
    ...new Set(
      objects.map(({ through }) => through.at(-1)?.path ?? 'the Kustomization'),
    ),
  ];
  return refuse(
    `What is declared in ${folder} is applied ${
      objects.length
    } times, through ${users.join(
      ' and ',
    )}; keep the setup folder where it is applied once`,
    users[0],
  );
}

/** The kustomization that sets the namespace: the outermost, which has the last word. */
function whereNamespace({ path, through }: RenderedObject): string {
  const by = through.find(({ value }) => value.namespace);
  return by ? by.where('namespace') : path;
}
