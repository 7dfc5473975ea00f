/** How the modules of operators and models are imported, each by its path. */
import { pathToFileURL } from 'node:url';

export type Namespace = Readonly<Record<string, unknown>>;
export type ModuleImporter = (path: string) => Promise<Namespace>;

let importer: ModuleImporter = (path) => import(/* @vite-ignore */ pathToFileURL(path).href);

/**
 * As Node imports it, unless the process has said otherwise: one that cannot import TypeScript, or runs from a bundle of this
 * package and must hand out the bundle's own modules of dsl/.
 */
export function importModule(path: string): Promise<Namespace> {
  return importer(path);
}

/** For the whole process, before anything is read. */
export function setModuleImporter(next: ModuleImporter): void {
  importer = next;
}
