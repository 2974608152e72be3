import { spawn } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import {
  ClusterClient,
  CONFIG_MAPS,
  KubernetesObject,
  SECRETS,
} from '../kubernetes';
import { PodSpec } from './types';

/** Why a container cannot be started yet, as a kubelet would say: it is tried again. */
export class NotStartable extends Error {}

/** What a process needs that stands for the container of a Pod. */
export interface PodContext {
  client: ClusterClient;
  /** The command line of what the image holds. */
  command: string[];
  /** A kubeconfig with a token. */
  kubeconfigOf(token: string): string;
  /** Where the Service of a name inside the cluster leads to. */
  addressOf(service: { namespace: string; name: string }): string | undefined;
  onOutput(line: string): void;
}

const dataSchema = z.record(z.string(), z.string()).default({});

/** A name inside the cluster, as an address has it. */
const SERVICE_HOST = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(\.cluster\.local)?$/;

/**
 * Runs what the image of a Pod's container holds as a process of this machine: with the environment of the container and
 * nothing else, with its mounted files in a folder that goes away, and with a token of its service account.
 *
 * @returns the exit code; undefined when it was ended by the signal
 * @throws NotStartable when something is missing that the Pod waits for
 */
export async function runPod(
  context: PodContext,
  pod: { namespace: string; name: string; spec: PodSpec },
  signal: AbortSignal,
): Promise<number | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-pod-'));
  try {
    const env = await prepare(context, pod, folder);
    const [program, ...args] = [
      ...context.command,
      ...pod.spec.containers[0].args,
    ];
    return await new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        signal,
        killSignal: 'SIGKILL',
      });
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8');
        stream.on('data', (text: string) =>
          text.split('\n').filter(Boolean).forEach(context.onOutput),
        );
      }
      child.on('error', error => {
        if (signal.aborted) {
          resolve(undefined);
        } else {
          reject(error);
        }
      });
      child.on('close', code => resolve(code ?? undefined));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes the files of a Pod below a folder; answers the environment that leads to them. */
async function prepare(
  context: PodContext,
  { namespace, name, spec }: { namespace: string; name: string; spec: PodSpec },
  folder: string,
): Promise<Record<string, string>> {
  const [container] = spec.containers;
  const mounts = await Promise.all(
    container.volumeMounts.map(async (mount, index) => {
      const files = await filesOf(context.client, namespace, spec, mount.name);
      const root = join(folder, 'volumes', String(index));
      await mkdir(root, { recursive: true, mode: 0o700 });
      for (const [path, content] of files) {
        const file = join(root, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content, { mode: 0o600 });
      }
      return {
        mountPath: mount.mountPath.replace(/\/$/, ''),
        real: mount.subPath ? join(root, mount.subPath) : root,
      };
    }),
  );
  const here = (value: string) => {
    const mount = mounts.find(
      ({ mountPath }) =>
        value === mountPath || value.startsWith(`${mountPath}/`),
    );
    return mount
      ? `${mount.real}${value.slice(mount.mountPath.length)}`
      : reachable(context, value);
  };
  const fields = { 'metadata.namespace': namespace, 'metadata.name': name };
  return {
    ...Object.fromEntries(
      container.env.map(({ name: variable, value = '', valueFrom }) => [
        variable,
        valueFrom ? fields[valueFrom.fieldRef.fieldPath] : here(value),
      ]),
    ),
    ...(spec.automountServiceAccountToken &&
      (await serviceAccount(context, namespace, spec, folder))),
  };
}

/** Stands for the files that every Pod has of its service account. */
async function serviceAccount(
  { client, kubeconfigOf }: PodContext,
  namespace: string,
  { serviceAccountName }: PodSpec,
  folder: string,
): Promise<Record<string, string>> {
  const token = await client.createToken(namespace, serviceAccountName);
  if (!token) {
    throw new NotStartable(`serviceaccount "${serviceAccountName}" not found`);
  }
  const path = join(folder, 'kubeconfig.yaml');
  await writeFile(path, kubeconfigOf(token), { mode: 0o600 });
  return {
    RUSTFS_SETUP_KUBECONFIG: path,
    RUSTFS_SETUP_NAMESPACE: namespace,
  };
}

/** The files of a volume, by path in it. */
async function filesOf(
  client: ClusterClient,
  namespace: string,
  { volumes }: PodSpec,
  name: string,
): Promise<Array<[string, Buffer]>> {
  const volume = volumes.find(each => each.name === name);
  if (!volume) {
    throw new NotStartable(`volume "${name}" not found`);
  }
  const { secret, configMap } = volume;
  const read = async (
    object: KubernetesObject | undefined,
    what: string,
    source: {
      items?: Array<{ key: string; path: string }>;
      optional?: boolean;
    },
    encoding: BufferEncoding,
  ): Promise<Array<[string, Buffer]>> => {
    if (!object) {
      if (source.optional) {
        return [];
      }
      throw new NotStartable(`${what} not found`);
    }
    const data = dataSchema.parse(object.data);
    const items =
      source.items ?? Object.keys(data).map(key => ({ key, path: key }));
    return items.map(({ key, path }) => {
      if (data[key] === undefined) {
        throw new NotStartable(`references non-existent secret key: ${key}`);
      }
      return [path, Buffer.from(data[key], encoding)];
    });
  };
  if (secret) {
    return read(
      await client.get(SECRETS, namespace, secret.secretName),
      `secret "${secret.secretName}"`,
      secret,
      'base64',
    );
  }
  if (configMap) {
    return read(
      await client.get(CONFIG_MAPS, namespace, configMap.name),
      `configmap "${configMap.name}"`,
      configMap,
      'utf8',
    );
  }
  return [];
}

/** Stands for the name service of the cluster and for what forwards to Pods. */
function reachable({ addressOf }: PodContext, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const [, name, namespace] = SERVICE_HOST.exec(url?.hostname ?? '') ?? [];
  return (name && addressOf({ namespace, name })) || value;
}
