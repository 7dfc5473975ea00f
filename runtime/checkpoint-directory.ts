/** What MODEL means: a directory or GGUF file that exists, or else a model of the hub by its name. */
import { existsSync } from 'node:fs';
import { WarpsmithError } from './errors.ts';
import { isRepositoryName, isRevision } from './hub/names.ts';
import type { SnapshotOptions } from './hub/snapshot.ts';

/**
 * The directory of a checkpoint, fetched where `model` is the name of one on the hub that is not in the cache. What exists on the
 * disk has precedence; what neither exists nor can be a name comes back as it is, for whoever opens it to refuse.
 *
 * @throws WarpsmithError `option-invalid` for a revision of a directory and for a name that is nearly one; of what is fetched `hub-not-found`,
 * `hub-revision-missing`, `hub-gated`, `hub-unauthorized`, `hub-busy`, `hub-failed`, `hub-unreachable`, `hub-offline`, `hub-answer-invalid`,
 * `hub-checksum`, `hub-cache-unwritable`, `disk-full`, and `file-missing` and `weights-missing` for a repository that holds no model; the
 * signal's reason.
 */
export async function checkpointDirectory(model: string, options: SnapshotOptions = {}): Promise<string> {
  const { revision } = options;
  const [name, atRevision] = model.split('@');
  if (existsSync(model)) {
    if (revision === undefined) return model;
    const message = `A revision (${revision}) is given, and ${model} is a path on this machine, which has none.`;
    throw invalid(message, 'Leave --revision out, or name a model of the hub that is no path here.');
  }
  if (atRevision !== undefined && name !== undefined && isRepositoryName(name)) {
    throw invalid(
      `There is no path ${model}, and no model of the hub has @ in its name.`,
      `Give ${name} and --revision ${atRevision}.`,
    );
  }
  const [, named] = /^(?:https?:\/\/[^/]+|hf:\/)\/([^/]+\/[^/?#]+)/.exec(model) ?? [];
  if (named !== undefined && isRepositoryName(named))
    throw invalid(`${model} is an address, and models of the hub go by their names.`, `Give ${named} alone.`);
  if (!isRepositoryName(model) || model.endsWith('.gguf')) return model;
  if (revision !== undefined && !isRevision(revision)) {
    throw invalid(
      `The revision ${JSON.stringify(revision)} is none that git knows.`,
      'Give a branch, a tag or a commit.',
    );
  }
  // Loaded here and not above: most models are directories.
  const { fetchSnapshot } = await import('./hub/snapshot.ts');
  return fetchSnapshot(model, options);
}

function invalid(message: string, mend: string): WarpsmithError {
  return new WarpsmithError({ code: 'option-invalid', message, mend });
}
