export * from './HookInbox';
