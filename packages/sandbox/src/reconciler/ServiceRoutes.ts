import { z } from 'zod';
import { Informer, keyOf, KubernetesObject } from './kubernetes';

const labelsSchema = z.record(z.string(), z.string()).default({});

const serviceSchema = z.object({ spec: z.object({ selector: labelsSchema }) });

const workloadSchema = z.object({
  spec: z.object({
    template: z.object({ metadata: z.object({ labels: labelsSchema }) }),
  }),
});

/** Stands for what leads from the name of a Service to the Pods behind it. */
export class ServiceRoutes {
  constructor(
    private readonly options: {
      services: Informer;
      workloads: Informer[];
      /** Address of the server that a workload (`namespace/name`) runs. */
      endpointOf: (workload: string) => string | undefined;
    },
  ) {}

  addressOf(service: { namespace: string; name: string }): string | undefined {
    const { namespace, name } = service;
    const { services, workloads, endpointOf } = this.options;
    const found = serviceSchema.safeParse(services.get(namespace, name)).data;
    const selector = Object.entries(found?.spec.selector ?? {});
    const isBehind = (workload: KubernetesObject) => {
      const { data } = workloadSchema.safeParse(workload);
      return (
        workload.metadata.namespace === namespace &&
        selector.length > 0 &&
        selector.every(
          ([key, value]) => data?.spec.template.metadata.labels[key] === value,
        )
      );
    };
    return workloads
      .flatMap(each => each.list())
      .filter(isBehind)
      .flatMap(workload => endpointOf(keyOf(workload)) ?? [])[0];
  }
}
