import { z } from 'zod';
import { metadataSchema, ObjectMetadata } from '../../kubernetes';
import { Workload } from './workload';

interface ServicePort {
  name?: string;
  port: number;
  targetPort?: string | number;
  appProtocol?: string;
}

/** A Service, as far as it is read. */
export interface ServiceObject {
  metadata: ObjectMetadata;
  spec: {
    type?: string;
    clusterIP?: string;
    selector?: Record<string, string>;
    ports?: ServicePort[];
  };
}

export const serviceSchema: z.ZodType<ServiceObject> = z.object({
  metadata: metadataSchema,
  spec: z.object({
    type: z.string().optional(),
    clusterIP: z.string().optional(),
    selector: z.record(z.string(), z.string()).optional(),
    ports: z
      .array(
        z.object({
          name: z.string().optional(),
          port: z.number(),
          targetPort: z.union([z.string(), z.number()]).optional(),
          appProtocol: z.string().optional(),
        }),
      )
      .optional(),
  }),
});

/** What the charts call the port of S3, and the port that RustFS listens on. */
const S3_PORTS: Array<string | number> = [
  'endpoint',
  'api',
  's3',
  's3api',
  'http-rustfs',
  'https-rustfs',
  9000,
];
const CONSOLE_PORTS: Array<string | number> = ['console', 9001];

/**
 * Where workloads of the cluster reach S3: the Service in front of the Pods of a workload, by the port that is that of S3.
 *
 * @returns undefined where no Service tells
 */
export function findEndpoint(
  workload: Workload,
  services: ServiceObject[],
): string | undefined {
  const { metadata, spec } = workload;
  const labels = spec.template.metadata?.labels ?? {};
  const found = services
    .filter(
      service =>
        service.metadata.namespace === metadata.namespace &&
        service.spec.type !== 'ExternalName' &&
        selects(service.spec.selector, labels),
    )
    .flatMap(service => {
      const port = findPort(service.spec.ports ?? []);
      return port ? [{ service, port }] : [];
    })
    // One with an address of its own rather than a list of Pods.
    .sort(
      (one, other) =>
        Number(one.service.spec.clusterIP === 'None') -
          Number(other.service.spec.clusterIP === 'None') ||
        one.service.metadata.name.localeCompare(other.service.metadata.name),
    );
  const [best] = found;
  if (!best) {
    return undefined;
  }
  const { name, namespace } = best.service.metadata;
  return `${
    isEncrypted(workload, best.port) ? 'https' : 'http'
  }://${name}.${namespace}.svc:${best.port.port}`;
}

function selects(
  selector: Record<string, string> | undefined,
  labels: Record<string, string>,
): boolean {
  const entries = Object.entries(selector ?? {});
  return (
    entries.length > 0 && entries.every(([key, value]) => labels[key] === value)
  );
}

function findPort(ports: ServicePort[]): ServicePort | undefined {
  const isOne = (known: Array<string | number>) => (port: ServicePort) =>
    [port.name, port.targetPort, port.port].some(
      value => value !== undefined && known.includes(value),
    );
  const others = ports.filter(port => !isOne(CONSOLE_PORTS)(port));
  return (
    others.find(isOne(S3_PORTS)) ??
    (others.length === 1 ? others[0] : undefined)
  );
}

function isEncrypted(
  { spec }: Workload,
  { appProtocol, name, port }: ServicePort,
): boolean {
  return (
    port === 443 ||
    appProtocol === 'https' ||
    (name ?? '').startsWith('https') ||
    spec.template.spec.containers.some(({ env }) =>
      env?.includes('RUSTFS_TLS_PATH'),
    )
  );
}
