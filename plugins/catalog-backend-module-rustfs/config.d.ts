import { SchedulerServiceTaskScheduleDefinitionConfig } from '@backstage/backend-plugin-api';

export interface Config {
  catalog?: {
    providers?: {
      /** (Optional) Tenants and buckets of RustFS as catalog resources. */
      rustfs?: {
        /**
         * (Optional) Whether there are entities of buckets. Without a permission policy that says who may read which, their
         * names, owners, purposes and data classes are for everyone who reads the catalog. Default: false.
         */
        buckets?: boolean;
        /**
         * (Optional) Owner of tenants, and of buckets without a record that names one, as an entity ref.
         * Default: `unknown`.
         */
        defaultOwner?: string;
        /**
         * (Optional) With `buckets`: relate the entity that a bucket is for to the bucket, where both have the same owner.
         * This relation is shown on both sides, so whoever may read the entity then knows the names of its buckets,
         * whatever the permission policy says of storage.
         * Default: false.
         */
        linkEntities?: boolean;
        /**
         * (Optional) How often all tenants and buckets are read. Default: every minute, for at most a minute, beginning
         * 10 seconds after the start.
         */
        schedule?: SchedulerServiceTaskScheduleDefinitionConfig;
      };
    };
  };
}
