/** What a replica has to know to go on with a request. */
export const FORMATS = {
  first: 1,
  /** Places other than the list of a Tenant, several keys of a request, and claims other than alone and shared. */
  places: 2,
  /** Secrets that something else than SOPS has encrypted, whose maker has a word in it. */
  writers: 3,
};

/** Of the rows of requests: those of a newer one are left to replicas that know it. */
export const FORMAT = FORMATS.writers;
