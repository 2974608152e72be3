/** Of the rows of requests: those of a newer one are left to replicas that know it. */
export const FORMAT = 2;
