/** What a download tells while it runs, for a progress bar or a log. */

export type DownloadEvent =
  /** Files that are not in the cache are about to be fetched. `presentBytes` of them were fetched before the last one broke off. */
  | {
      readonly kind: 'begin';
      readonly repository: string;
      readonly files: readonly string[];
      readonly totalBytes: number;
      readonly presentBytes: number;
    }
  /** `receivedBytes` of a file are there. Fewer than before where the transfer had to start over. */
  | { readonly kind: 'progress'; readonly file: string; readonly receivedBytes: number }
  /** A file has its checksum and its place. */
  | { readonly kind: 'file'; readonly file: string; readonly sizeBytes: number }
  /** No bar is needed any more, whether all came or not. */
  | { readonly kind: 'end' }
  /** A sentence for the user: a wait, a repetition, the cache in place of the hub. */
  | { readonly kind: 'note'; readonly text: string };

export type OnDownload = (event: DownloadEvent) => void;

/** `1.20 GB` of a number of bytes: powers of ten, as the hub's pages and huggingface_hub have them. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
