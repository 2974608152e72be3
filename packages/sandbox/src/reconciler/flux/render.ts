import { toError } from '@backstage/errors';
import { z } from 'zod';
import { KubernetesObject, parseObject, secretValue } from '../kubernetes';
import { decryptManifest, isEncryptedManifest } from '../sops';
import { buildManifests, isClusterScoped, kustomizeId } from './build';
import { KustomizationSpec, RunError } from './kustomization';
import { substitute } from './substitute';

interface RenderOptions {
  files: ReadonlyMap<string, string>;
  folder: string;
  spec: KustomizationSpec;
  /** Reads a Secret of the Kustomization's namespace. */
  secret(name: string): Promise<KubernetesObject | undefined>;
}

/**
 * The manifests of a folder as they are to be applied: built, put into the target namespace, decrypted, variables
 * filled in.
 *
 * @throws RunError with reason BuildFailed
 */
export async function renderManifests(
  options: RenderOptions,
): Promise<KubernetesObject[]> {
  const { files, folder, spec } = options;
  const variables = spec.postBuild?.substitute ?? {};
  try {
    const manifests: KubernetesObject[] = [];
    for (const built of buildManifests(files, folder)) {
      const plain = await decrypt(
        inNamespace(built, spec.targetNamespace),
        options,
      );
      manifests.push(
        Object.keys(variables).length ? substitute(plain, variables) : plain,
      );
    }
    return manifests;
  } catch (error) {
    throw new RunError('BuildFailed', toError(error).message);
  }
}

function inNamespace(
  object: KubernetesObject,
  namespace: string | undefined,
): KubernetesObject {
  return namespace && !isClusterScoped(object.kind)
    ? { ...object, metadata: { ...object.metadata, namespace } }
    : object;
}

async function decrypt(
  manifest: KubernetesObject,
  { spec, secret }: RenderOptions,
): Promise<KubernetesObject> {
  if (!spec.decryption || !isEncryptedManifest(manifest)) {
    return manifest;
  }
  const { secretRef } = spec.decryption;
  let identities: string[] = [];
  if (secretRef) {
    const keys = await secret(secretRef.name);
    if (!keys) {
      throw new Error(`secrets "${secretRef.name}" not found`);
    }
    identities = identitiesIn(keys);
  }
  try {
    return parseObject(await decryptManifest(manifest, identities));
  } catch (error) {
    const { namespace, name } = manifest.metadata;
    throw new Error(
      `decryption failed for '${kustomizeId(
        manifest,
      )}': failed to decrypt and format '${namespace}/${name}' ${
        manifest.kind
      } data: ${toError(error).message}`,
    );
  }
}

/** The age identities in the `*.agekey` entries of a Secret. */
function identitiesIn(secret: KubernetesObject): string[] {
  const data = z.record(z.string(), z.string()).parse(secret.data ?? {});
  return Object.keys(data)
    .filter(key => key.endsWith('.agekey'))
    .flatMap(key => secretValue(secret, key)?.split('\n') ?? [])
    .map(line => line.trim())
    .filter(line => line.startsWith('AGE-SECRET-KEY-'));
}
