import {
  BucketDeclared,
  Declared,
  toBucketRecordData,
} from '@rustfs-portal/plugin-rustfs-common';
import { DeclarationTarget, RepositorySnapshot } from '../../../types';
import { nameOf } from '../../kustomize/RenderedObject';
import { joinPath } from '../../paths';
import { RenderedTarget, renderTarget } from '../../renderTarget';
import { createSubstitution } from '../../substitute';
import { Workspace } from '../../Workspace';
import { Layout, LayoutInput } from '../Layout';
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
import { AccessPlanner } from './AccessPlanner';
import { examineFolder, setupFolderOf } from './examineFolder';

/**
 * Storage that is declared for the setup program, which makes a server without operator agree with it. A bucket is its
 * record; an access is its record, in which the policy stands, and the Secret with the key of its user. No request touches a
 * file that another request touches.
 */
export const setupFolder: Layout = {
  id: 'setup-folder',

  read: (files, target) =>
    readDeclared(findRecords(renderTarget(files, target), target)),

  express: ({ type }) => (type === 'blueprint' ? NO_BLUEPRINTS : true),

  notes: (declaration, { writer }) => {
    if (declaration.type === 'bucket') {
      return ['The setup program makes the bucket as its record says.'];
    }
    return declaration.type === 'access' && declaration.state === 'active'
      ? [
          keyNote(writer),
          'The setup program makes the user with exactly the policy that stands in the record.',
        ]
      : [];
  },

  limits: () => ({}),

  examine: examineFolder,

  plan: input => {
    const { change, snapshot, target } = input;
    const workspace = new Workspace(snapshot, target);
    compareWithApplied(target, {
      what: 'records',
      read: applied => readNames(applied, target),
    });
    const records = findRecords(workspace.rendered, target);
    const declarations = change.declare(readDeclared(records));

    const accesses = new AccessPlanner(input, { workspace, records });
    for (const declaration of declarations) {
      if (declaration.type === 'bucket') {
        planBucket(input, { workspace, records }, declaration);
      } else if (declaration.type === 'access') {
        accesses.plan(declaration);
      }
    }
    return accesses.needs.length
      ? { needs: accesses.needs }
      : { files: workspace.toFiles() };
  },
};

function readDeclared(records: FoundRecord[]): Declared {
  return {
    buckets: records.filter(({ type }) => type === 'bucket').map(readBucket),
    accesses: readAccesses(records).map(({ access }) => access),
  };
}

function readBucket({ data }: FoundRecord): BucketDeclared {
  return toBucketDeclared(data, data.objectLock === 'enabled');
}

/** The names that the records of a revision have in the cluster. */
function readNames(applied: RepositorySnapshot, target: DeclarationTarget) {
  const rendered: RenderedTarget = renderTarget(applied, target);
  return {
    place: setupFolderOf(target) || 'the repository',
    names: findRecords(rendered, target).map(({ object }) => {
      const written = nameOf(object);
      const { text, fits } = createSubstitution(target.build, object)(written);
      return { name: text, fits, written };
    }),
  };
}

function planBucket(
  input: LayoutInput,
  { workspace, records }: { workspace: Workspace; records: FoundRecord[] },
  bucket: BucketDeclared,
): void {
  const record = findBucketRecord(records, bucket.name);
  const wanted = toBucketRecordData(bucket, {
    holdsDrift: true,
    holdsLock: true,
  });
  if (!record) {
    const otherwise = joinPath(setupFolderOf(input.target), 'buckets');
    createBucketRecord(input, { workspace, records, otherwise }, wanted);
  } else if (input.change.edits === 'existing') {
    changeBucketRecord(workspace, record, {
      before: toBucketRecordData(readBucket(record), { holdsLock: true }),
      wanted,
    });
  } else {
    refuseOtherRecord(input, record, wanted);
  }
}
