import { array, integer, object, string } from '../schema';

/** Which service account may assume which policies of a tenant (`sts.rustfs.com/v1alpha1`). */
export const policyBindingSchema = object(
  {
    'spec!': object({
      'application!': object({
        'namespace!': string(),
        'serviceaccount!': string(),
      }),
      'policies!': array(string(), {
        rules: [
          {
            message: 'policies must contain at least one policy',
            holds: (policies: string[]) => policies.length > 0,
          },
        ],
      }),
    }),
    status: object(
      {
        currentState: string({ nullable: true }),
        usage: object(
          { authorizations: integer({ nullable: true, minimum: 0 }) },
          { nullable: true },
        ),
      },
      { nullable: true },
    ),
  },
  { description: 'Lets a service account assume policies of a tenant.' },
);
