export * from './ForgeDirectory';
export * from './registry';
