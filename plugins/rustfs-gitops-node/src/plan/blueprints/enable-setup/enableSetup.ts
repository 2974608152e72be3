import {
  BlueprintFinding,
  PROVISIONER_POLICY,
  stringifyPolicy,
  stringifyTenantRef,
} from '@rustfs-portal/plugin-rustfs-common';
import { DeclarationTarget, Refusal, RepositorySnapshot } from '../../../types';
import { describeFile } from '../../describeFile';
import { examineFolder, PARTS } from '../../layouts/setup-folder/examineFolder';
import { appliesFolder } from '../../layouts/shared/appliedElsewhere';
import { isRecord } from '../../kustomize/RenderedObject';
import { isBelow, joinPath, normalizeFolder } from '../../paths';
import { readValues } from '../../readValues';
import { findRefusals, Refused } from '../../Refused';
import { Workspace } from '../../Workspace';
import { Blueprint, BlueprintPlace } from '../Blueprint';
import { writeManifest } from '../writeManifest';
import { Input, inputSchema } from './input';
import {
  applierOf,
  cronJobOf,
  keySecretOf,
  namespaceOf,
  programNameOf,
  roleBindingOf,
  roleOf,
  serviceAccountOf,
  statusOf,
} from './manifests';
import { networkOf, serverNetworkFinding, serverOf } from './network';
import { READER_POLICY } from './policies';

/**
 * Enables self-service for a tenant without operator: one folder with the setup program, its rights and its status, and the
 * object of the GitOps engine that applies it. Records and Secrets come into it later, one file each.
 */
export const enableSetup: Blueprint = {
  id: 'enable-setup',

  plan: (answers, place) => {
    const parsed = inputSchema.safeParse(answers);
    if (!parsed.success) {
      return {
        outcome: 'refused',
        reasons: parsed.error.issues.map(({ path, message }) => ({
          code: 'invalid',
          field: path.map(String).join('.'),
          message: `${path.map(String).join('.') || 'The input'}: ${message}`,
        })),
      };
    }
    const input = {
      ...parsed.data,
      folder: normalizeFolder(parsed.data.folder),
    };
    const created = filesOf(input);
    const reasons = [
      ...refuseNamespace(input, place),
      ...refuseTaken(input, created, place),
      ...refuseAppliedAlready(input, place),
    ];
    if (reasons.length) {
      return { outcome: 'refused', reasons };
    }
    let listed: ReturnType<typeof listInParent> | undefined;
    const refused = findRefusals(() => {
      listed = listInParent(input, place);
    });
    const obstacles = refused.length ? refused : examine(input, created, place);
    if (!listed || obstacles.length) {
      return { outcome: 'refused', reasons: obstacles };
    }
    return {
      outcome: 'files',
      files: [
        ...Object.entries(created).map(([path, after]) =>
          describeFile({ path, after }),
        ),
        ...listed.files,
      ].sort((a, b) => (a.path < b.path ? -1 : 1)),
      findings: [...findingsOf(input, place), ...listed.findings],
    };
  },
};

/** A namespace of its own is declared; the tenant's is there. */
function isOwnNamespace({ namespace, tenant }: Input): boolean {
  return namespace !== tenant.namespace;
}

/** The files of the folder, by path. */
function filesOf(input: Input): Record<string, string> {
  const network = networkOf(input);
  const ref = stringifyTenantRef(input.tenant);
  const files: Record<string, string | undefined> = {
    'namespace.yaml': isOwnNamespace(input)
      ? writeManifest(
          namespaceOf(input),
          'The setup program may list every Secret in here, so nothing else belongs into this namespace.',
        )
      : undefined,
    'service-account.yaml': writeManifest(serviceAccountOf(input)),
    'role.yaml': writeManifest(roleOf(input)),
    'role-binding.yaml': writeManifest(roleBindingOf(input)),
    'cron-job.yaml': writeManifest(
      cronJobOf(input),
      `Makes the server of ${ref} agree with the records and keys in this folder.`,
    ),
    'status.yaml': writeManifest(
      statusOf(input),
      'The setup program writes data here; Git declares none, so that nobody puts it back.',
    ),
    'network.yaml': network && writeManifest(network.manifest),
  };
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, text]) =>
      text === undefined ? [] : [[joinPath(input.folder, name), text]],
    ),
  );
}

function engineFileOf({ engine }: Input): string {
  return joinPath(normalizeFolder(engine.folder), `${engine.name}.yaml`);
}

/**
 * A namespace that something else lives in is not the program's: it would read all Secrets there, and allow no Pod but its
 * own kind.
 */
function refuseNamespace(
  input: Input,
  { snapshot }: BlueprintPlace,
): Refusal[] {
  const { engine, folder, namespace } = input;
  if (!isOwnNamespace(input)) {
    return [];
  }
  const uses: Array<[isUsed: boolean, what: string]> = [
    [
      /^kube-/.test(namespace) || namespace === 'default',
      'is one of Kubernetes itself',
    ],
    [namespace === engine.namespace, 'is that of the GitOps engine'],
    [
      namespace === serverOf(input).namespace,
      'is that of the Service of the server',
    ],
  ];
  const used = uses.find(([isUsed]) => isUsed);
  const wayOut =
    'the program can read every Secret in its namespace, so choose one in which nothing else is';
  if (used) {
    return [
      {
        code: 'unsupported',
        field: 'namespace',
        message: `Namespace ${namespace} ${used[1]}; ${wayOut}`,
      },
    ];
  }
  const declared = findNamespace(snapshot, namespace).filter(
    path => !isBelow(path, folder),
  );
  return declared.length
    ? [
        {
          code: 'declared-otherwise',
          field: 'namespace',
          message: `Namespace ${namespace} is declared in ${declared[0]} already; ${wayOut}`,
          places: declared,
        },
      ]
    : [];
}

/** The files that declare a Namespace. */
function findNamespace(snapshot: RepositorySnapshot, name: string): string[] {
  return Object.keys(snapshot.files).filter(path => {
    const { content } = snapshot.files[path];
    if (!content.includes('Namespace') || !content.includes(name)) {
      return false;
    }
    let values: unknown[] = [];
    // What cannot be read, as a template cannot, is not applied either.
    findRefusals(() => {
      values = readValues(snapshot, path);
    });
    return values.some(
      value =>
        isRecord(value) &&
        value.kind === 'Namespace' &&
        isRecord(value.metadata) &&
        value.metadata.name === name,
    );
  });
}

function refuseTaken(
  { folder, ...input }: Input,
  created: Record<string, string>,
  { rendered = {}, snapshot }: BlueprintPlace,
): Refusal[] {
  const engineFile = engineFileOf({ folder, ...input });
  const present = [
    ...Object.keys(snapshot.files),
    ...Object.keys(snapshot.skipped ?? {}),
  ].find(path => isBelow(path, folder) || path === engineFile);
  const template = [...Object.keys(created), engineFile].find(path =>
    Object.hasOwn(rendered, path),
  );
  const below = Object.keys(rendered).find(path => isBelow(path, folder));
  return [
    ...(present === undefined
      ? []
      : [
          {
            code: 'declared-otherwise' as const,
            field: present === engineFile ? 'engine.name' : 'folder',
            message: `${present} is there already; choose another ${
              present === engineFile ? 'name' : 'folder'
            }, or go on with what is there`,
            places: [present],
          },
        ]),
    ...((template ?? below) === undefined
      ? []
      : [
          {
            code: 'rendered' as const,
            field: template === engineFile ? 'engine.name' : 'folder',
            message: `${template ?? below} is what ${
              rendered[(template ?? below)!]
            } is rendered to, so the next rendering would undo what lies there; choose a folder that no template is for`,
            places: [(template ?? below)!],
          },
        ]),
  ];
}

/** A folder that is applied with something else above it would be applied twice. */
function refuseAppliedAlready(
  { folder, namespace }: Input,
  { others = [], parent, snapshot }: BlueprintPlace,
): Refusal[] {
  return [...others, ...(parent ? [{ ...parent, snapshot }] : [])]
    .filter(other => appliesFolder(other, { folder, parts: PARTS, namespace }))
    .map(({ by, folder: theirs }) => ({
      code: 'unsupported' as const,
      field: 'folder',
      message: `${by} applies all that is in ${
        normalizeFolder(theirs) || 'the whole repository'
      }, so ${folder} would be applied twice; choose a folder outside, or give theirs a kustomization.yaml that leaves it out`,
      places: [folder],
    }));
}

/** Puts the object that applies the folder where somebody applies it. */
function listInParent(
  input: Input,
  { parent, rendered, snapshot }: BlueprintPlace,
) {
  const path = engineFileOf(input);
  const content = writeManifest(applierOf(input));
  const { kind, name, namespace } = input.engine;
  const alone = describeFile({ path, after: content });
  if (!parent) {
    return {
      files: [alone],
      findings: [
        {
          code: 'not-applied' as const,
          message: `The portal does not know who applies ${path}; list it where your ${kind}s are, or apply it once by hand`,
          copy: { title: `${kind} ${namespace}/${name}`, text: content },
        },
      ],
    };
  }
  const target: DeclarationTarget = {
    tenant: input.tenant,
    layout: 'setup-folder',
    folder: parent.folder,
    baseBranch: '',
    build: parent.build,
    rendered,
  };
  const workspace = new Workspace(snapshot, target);
  const root = normalizeFolder(parent.folder);
  if (!isBelow(path, root)) {
    throw new Refused(
      'unsupported',
      `${path} is not in ${root}, which is what ${parent.by} applies; choose a folder in it`,
      { field: 'engine.folder', places: [path] },
    );
  }
  try {
    workspace.create(path, content, {
      what: `${kind} of the setup folder`,
      field: 'engine.folder',
      kind,
      name,
      namespace,
    });
    return { files: workspace.toFiles(), findings: [] };
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'rendered') {
      throw error;
    }
    // The file alone is left alone by the rendering; that it is listed is for the template to say.
    return {
      files: [alone],
      findings: [
        {
          code: 'template' as const,
          message: `Nothing applies ${path} until the template lists it`,
          copy: {
            title: `What to put into ${error.refusal.places?.at(-1)}`,
            text: error.refusal.message,
          },
        },
      ],
    };
  }
}

/** Whether requests could be made in the folder once it is there. */
function examine(
  { engine, folder, namespace, tenant }: Input,
  created: Record<string, string>,
  { others, snapshot }: BlueprintPlace,
): Refusal[] {
  const files = Object.fromEntries(
    Object.entries(created).map(([path, content]) => [
      path,
      { content, id: path },
    ]),
  );
  return examineFolder(
    { ...snapshot, files: { ...snapshot.files, ...files } },
    {
      tenant,
      layout: 'setup-folder',
      folder,
      baseBranch: '',
      setup: { namespace },
      build: { decrypts: engine.decrypts },
      others,
    },
  )
    .filter(({ blocks }) => blocks === 'everything')
    .map(({ blocks: _, ...refusal }) => refusal);
}

function findingsOf(
  input: Input,
  { snapshot, software }: BlueprintPlace,
): BlueprintFinding[] {
  const { engine, key, namespace, tenant } = input;
  const ref = stringifyTenantRef(tenant);
  const usesSops = Object.keys(snapshot.files).some(
    path => path.split('/').at(-1) === '.sops.yaml',
  );
  const serverNetwork = serverNetworkFinding(input);
  return [
    ...(software === 'minio'
      ? [
          {
            code: 'left-out' as const,
            message: `The server of ${ref} is MinIO, whose calls for users and policies the program does not speak: buckets and their settings can be asked for, accesses fail`,
          },
        ]
      : []),
    ...(isOwnNamespace(input)
      ? []
      : [
          {
            code: 'reads-every-secret' as const,
            message: `In namespace ${namespace}, that of the server, the program can read every Secret, the one of root too: no right to list Secrets can be limited to some of them. A namespace of its own keeps them apart`,
          },
        ]),
    {
      code: 'key-needed',
      message: `Secret ${key.secret} with ${key.accessKey} and ${key.secretKey} has to be in namespace ${namespace}: the portal never sees it. Encrypt it before it goes into Git`,
      copy: {
        title: `Secret ${namespace}/${key.secret}`,
        text: writeManifest(keySecretOf(input)),
      },
    },
    {
      code: 'server-key-needed',
      message: `The server of ${ref} needs a user with that key and this policy. It is no boundary: whoever may attach policies may give himself any of them, so guard the key like that of root`,
      copy: {
        title: `Policy ${programNameOf(input)}`,
        text: stringifyPolicy(PROVISIONER_POLICY),
      },
    },
    {
      code: 'server-key-needed',
      message: `To show what is on the server, and to say when a request is in effect, the portal needs a user of its own with this policy: it reads no object and changes nothing`,
      copy: {
        title: 'Policy of the portal',
        text: stringifyPolicy(READER_POLICY),
      },
    },
    ...(networkOf(input)?.findings ?? []),
    ...(serverNetwork ? [serverNetwork] : []),
    ...(engine.decrypts
      ? []
      : [
          {
            code: 'no-decryption' as const,
            message: `${engine.kind} ${engine.namespace}/${
              engine.name
            } does not decrypt, so buckets can be asked for, and accesses only where Secrets are sealed for a controller of the cluster${
              usesSops
                ? `; this repository has a .sops.yaml, ${
                    engine.howToDecrypt
                      ? `so ${engine.howToDecrypt}`
                      : 'and what it encrypts would reach the cluster as ciphertext'
                  }`
                : ''
            }`,
          },
        ]),
  ];
}
