// Every TypeScript file is an ES module, whatever the package.json above it says: a folder of operators needs none.

export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  const path = resolved.url.split('?')[0];
  return path.startsWith('file:') && path.endsWith('.ts') ? { ...resolved, format: 'module' } : resolved;
}
