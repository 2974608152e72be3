/** A bucket that has just become ready may be missing from a cached answer for this long. */
export const SETTLING_MS = 2 * 60_000;

/** How often to look again meanwhile. */
export const SETTLING_POLL_MS = 5_000;
