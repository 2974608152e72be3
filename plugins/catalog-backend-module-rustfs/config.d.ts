import { SchedulerServiceTaskScheduleDefinitionConfig } from '@backstage/backend-plugin-api';

export interface Config {
  catalog?: {
    providers?: {
      /** (Optional) Tenants and buckets of RustFS as catalog resources. */
      rustfs?: {
        /**
         * (Optional) Owner of tenants, and of buckets without a record that names one, as an entity ref.
         * Default: `unknown`.
         */
        defaultOwner?: string;
        /**
         * (Optional) Relate the entity that a bucket is for to the bucket. Relations are shown on both sides, so whoever
         * may read the entity then knows the names of its buckets, whatever the permission policy says of storage.
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
