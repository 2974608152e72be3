import { BlueprintFinding } from '@rustfs-portal/plugin-rustfs-common';
import { writeManifest } from '../writeManifest';
import { Input } from './input';
import { podLabelsOf, programNameOf } from './manifests';

type Manifest = Record<string, unknown>;

/** A server as it is reached: inside the cluster, in a namespace, or by a name that the world knows. */
interface Server {
  host: string;
  port: number;
  namespace?: string;
}

export function serverOf({ endpoint }: Input): Server {
  const { hostname, port, protocol } = new URL(endpoint);
  const [, namespace] =
    /^[^.]+\.([^.]+)\.svc(?:\.[\w.-]+)?$/.exec(hostname) ?? [];
  return {
    host: hostname,
    port: port ? Number(port) : { 'http:': 80, 'https:': 443 }[protocol]!,
    namespace,
  };
}

const CLUSTER_NAMESPACE = 'kubernetes.io/metadata.name';

const DNS_PORTS = [
  { port: 53, protocol: 'UDP' },
  { port: 53, protocol: 'TCP' },
];

/** What the program may reach: the server, the API server, and names; and what the entry cannot say better. */
export function networkOf(
  input: Input,
): { manifest: Manifest; findings: BlueprintFinding[] } | undefined {
  switch (input.network.type) {
    case 'none':
      return undefined;
    case 'NetworkPolicy':
      return networkPolicyOf(input, input.network);
    default:
      return { manifest: ciliumOf(input, input.network), findings: [] };
  }
}

type Entry = Exclude<Input['network'], { type: 'none' }>;

function networkPolicyOf(input: Input, entry: Entry) {
  const { host, namespace, port } = serverOf(input);
  const findings: BlueprintFinding[] = [];
  const wide = (message: string) =>
    findings.push({ code: 'network-wide', message });
  if (!namespace) {
    wide(
      `A NetworkPolicy cannot name ${host}, which is outside the cluster: port ${port} is open to everywhere; narrow it to its addresses`,
    );
  }
  if (!entry.apiServers) {
    wide(
      'A NetworkPolicy cannot name the API server: ports 443 and 6443 are open to everywhere; narrow them to its addresses (kubectl get endpoints kubernetes)',
    );
  }
  const manifest = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: programNameOf(input), namespace: input.namespace },
    spec: {
      podSelector: { matchLabels: podLabelsOf(input) },
      policyTypes: ['Ingress', 'Egress'],
      egress: [
        {
          ...(namespace && {
            to: [
              {
                namespaceSelector: {
                  matchLabels: { [CLUSTER_NAMESPACE]: namespace },
                },
                ...(entry.serverLabels && {
                  podSelector: { matchLabels: entry.serverLabels },
                }),
              },
            ],
          }),
          ports: [{ port: entry.serverPort ?? port, protocol: 'TCP' }],
        },
        ...(entry.apiServers
          ? entry.apiServers.map(({ cidr, port: at }) => ({
              to: [{ ipBlock: { cidr } }],
              ports: [{ port: at, protocol: 'TCP' }],
            }))
          : [
              {
                ports: [
                  { port: 443, protocol: 'TCP' },
                  { port: 6443, protocol: 'TCP' },
                ],
              },
            ]),
        {
          to: [
            {
              namespaceSelector: {
                matchLabels: { [CLUSTER_NAMESPACE]: 'kube-system' },
              },
            },
          ],
          ports: DNS_PORTS,
        },
      ],
    },
  };
  return { manifest, findings };
}

function ciliumOf(input: Input, entry: Entry): Manifest {
  const { host, namespace, port } = serverOf(input);
  const to = (
    ports: Array<{ port: number; protocol: string }>,
    rules?: object,
  ) => [
    {
      ports: ports.map(each => ({ ...each, port: String(each.port) })),
      ...(rules && { rules }),
    },
  ];
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: programNameOf(input), namespace: input.namespace },
    spec: {
      endpointSelector: { matchLabels: podLabelsOf(input) },
      // One empty rule: nothing comes in.
      ingress: [{}],
      egress: [
        {
          ...(namespace
            ? {
                toEndpoints: [
                  {
                    matchLabels: {
                      'k8s:io.kubernetes.pod.namespace': namespace,
                      ...entry.serverLabels,
                    },
                  },
                ],
              }
            : { toFQDNs: [{ matchName: host }] }),
          toPorts: to([{ port: entry.serverPort ?? port, protocol: 'TCP' }]),
        },
        { toEntities: ['kube-apiserver'] },
        {
          toEndpoints: [
            {
              matchLabels: {
                'k8s:io.kubernetes.pod.namespace': 'kube-system',
                'k8s:k8s-app': 'kube-dns',
              },
            },
          ],
          toPorts: to(DNS_PORTS, { dns: [{ matchPattern: '*' }] }),
        },
      ],
    },
  };
}

/** What the namespace of the server needs where it lets nobody in by itself; the portal does not know who keeps that. */
export function serverNetworkFinding(
  input: Input,
): BlueprintFinding | undefined {
  const { namespace, port } = serverOf(input);
  const { network } = input;
  if (!namespace || namespace === input.namespace) {
    return undefined;
  }
  const entry = network.type === 'none' ? undefined : network;
  return {
    code: 'server-network',
    message: `Where a policy of namespace ${namespace} says who may reach the server, the program has to be let in as well`,
    copy: {
      title: `NetworkPolicy for namespace ${namespace}`,
      text: writeManifest({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: `allow-${programNameOf(input)}`, namespace },
        spec: {
          podSelector: entry?.serverLabels
            ? { matchLabels: entry.serverLabels }
            : {},
          policyTypes: ['Ingress'],
          ingress: [
            {
              from: [
                {
                  namespaceSelector: {
                    matchLabels: { [CLUSTER_NAMESPACE]: input.namespace },
                  },
                  podSelector: { matchLabels: podLabelsOf(input) },
                },
              ],
              ports: [{ port: entry?.serverPort ?? port, protocol: 'TCP' }],
            },
          ],
        },
      }),
    },
  };
}
