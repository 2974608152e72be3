import { z } from 'zod';
import { metadataSchema, ObjectMetadata } from '../../kubernetes';

/** A Tenant of the MinIO operator (`minio.min.io/v2`), as far as it is read. */
export interface MinioTenantObject {
  metadata: ObjectMetadata;
  spec: {
    /** Undefined is true. */
    requestAutoCert?: boolean;
    /** Certificates that somebody else has made. */
    externalCertSecret?: unknown[];
  };
  status?: {
    /** `Initialized`, or what the operator does at the moment. */
    currentState?: string;
    healthStatus?: string;
    healthMessage?: string;
  };
}

export const minioTenantSchema: z.ZodType<MinioTenantObject> = z.object({
  metadata: metadataSchema,
  spec: z.object({
    requestAutoCert: z.boolean().optional(),
    externalCertSecret: z.array(z.unknown()).optional(),
  }),
  status: z
    .object({
      currentState: z.string().optional(),
      healthStatus: z.string().optional(),
      healthMessage: z.string().optional(),
    })
    .optional(),
});
