export * from './ForgeDirectory';
