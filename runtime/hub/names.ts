/** Names that reach a path or an address: of repositories, revisions, commits and blobs. Whatever does not fit is refused. */

/**
 * Whether a text can be the name of a model on the hub: `owner/name`.
 * Source: validate_repo_id of huggingface_hub/utils/_validators.py, without the names of old that have no owner.
 */
export function isRepositoryName(text: string): boolean {
  const parts = text.split('/');
  return (
    text.length <= 96 &&
    parts.length === 2 &&
    parts.every((part) => /^\w(?:[\w.-]*\w)?$/.test(part) && !/--|\.\./.test(part)) &&
    !text.endsWith('.git')
  );
}

/** A branch, a tag, `refs/pr/1` or a commit. It becomes a path below `refs/`. */
export function isRevision(text: string): boolean {
  return (
    text.length <= 255 &&
    text
      .split('/')
      .every((part) => part !== '' && !part.startsWith('.') && /^[^\s\\:*?"<>|~^[\]\p{Cc}]+$/u.test(part)) &&
    !text.includes('..')
  );
}

export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** An ETag as huggingface_hub names blobs by it: not weak, without quotes. Null for one that is no file's name. */
export function blobNameOf(etag: string): string | null {
  const name = etag.trim().replace(/^W\//, '').replace(/^"|"$/g, '');
  return /^\w[\w.+=-]{0,127}$/.test(name) ? name : null;
}
