/**
 * The backend of the RustFS plugins.
 *
 * @packageDocumentation
 */
export { rustfsPlugin as default } from './plugin';
