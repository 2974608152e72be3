/**
 * Object storage of RustFS tenants on catalog entity pages and for the platform team.
 *
 * @packageDocumentation
 */
export { rustfsPlugin as default } from './plugin';
export { rustfsApiRef } from './api';
export { rustfsTranslationRef } from './translation';
