/**
 * Receives webhooks of Gitea and Forgejo, by which storage requests are followed at once.
 *
 * @packageDocumentation
 */

export { eventsModuleRustfs as default } from './module';
