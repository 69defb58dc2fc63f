/** Who the tests sign in as: the demo's accounts (`server/src/demo.rs`). */
export const people = {
  admin: { email: 'admin@example.org', password: 'admin-demo-password' },
  developer: { email: 'developer@example.org', password: 'developer-demo-password' },
  viewer: { email: 'viewer@example.org', password: 'viewer-demo-password' },
};
