/**
 * Where the hub and its cache are, from the environment variables of huggingface_hub.
 * Source: huggingface_hub/constants.py and utils/_auth.py, whose order of precedence is kept. An empty variable counts as none.
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { WarpsmithError } from '../errors.ts';

export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Sent to the endpoint and to no other host. */
  readonly token: string | null;
  /** Absolute; holds `models--owner--name` folders. */
  readonly cacheDirectory: string;
  readonly isOffline: boolean;
  /** The hub has this long to answer a question about a file. */
  readonly metadataTimeoutMs: number;
  /** A transfer that is silent for this long is broken. */
  readonly transferTimeoutMs: number;
  /** Before the first repetition of a request that failed; doubled for each further one. */
  readonly retryDelayMs: number;
  /** A lock that was not refreshed for this long belongs to a process that is gone. */
  readonly staleLockMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const defaultEndpoint = 'https://huggingface.co';

/**
 * Throws `option-invalid` for an HF_ENDPOINT that is no address and a token that no request can carry, `hub-cache-unwritable` for a user
 * without a home, where no variable names a folder.
 */
export async function readHubSettings(environment: Environment = process.env): Promise<HubSettings> {
  const home = cacheHome(environment);
  return {
    endpoint: endpointOf(environment),
    token: await readToken(environment, home),
    cacheDirectory: resolve(
      pathIn(environment, 'HF_HUB_CACHE') ?? pathIn(environment, 'HUGGINGFACE_HUB_CACHE') ?? hubCacheIn(home),
    ),
    isOffline: isTrue(variable(environment, 'HF_HUB_OFFLINE') ?? variable(environment, 'TRANSFORMERS_OFFLINE')),
    metadataTimeoutMs: secondsIn(environment, 'HF_HUB_ETAG_TIMEOUT'),
    transferTimeoutMs: secondsIn(environment, 'HF_HUB_DOWNLOAD_TIMEOUT'),
    retryDelayMs: 1_000,
    staleLockMs: 10_000,
  };
}

function variable(environment: Environment, name: string): string | undefined {
  return environment[name] || undefined;
}

/** Null for a user without a home. */
function cacheHome(environment: Environment): string | null {
  const own = pathIn(environment, 'HF_HOME');
  if (own !== undefined) return own;
  const home = homeFolder();
  const caches = pathIn(environment, 'XDG_CACHE_HOME') ?? (home === null ? null : join(home, '.cache'));
  return caches === null ? null : join(caches, 'huggingface');
}

function hubCacheIn(home: string | null): string {
  if (home !== null) return join(home, 'hub');
  throw new WarpsmithError({
    code: 'hub-cache-unwritable',
    message: 'This user has no home, in which models of the hub would be kept.',
    mend: 'Set HF_HOME to a folder that you may write.',
  });
}

/** `~` and `$NAME` are put in, for variables that no shell has seen (a unit file, a container). */
function pathIn(environment: Environment, name: string): string | undefined {
  const path = variable(environment, name);
  if (path === undefined) return undefined;
  return path
    .replace(/^~(?=\/|$)/, (sign) => homeFolder() ?? sign)
    .replace(/\$(?:(\w+)|\{(\w+)\})/g, (text, plain, braced) => environment[plain ?? braced] ?? text);
}

function homeFolder(): string | null {
  try {
    return homedir() || null;
  } catch {
    // Neither HOME nor an entry for the user.
    return null;
  }
}

function endpointOf(environment: Environment): string {
  const text = variable(environment, 'HF_ENDPOINT') ?? defaultEndpoint;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') {
    return text.replace(/\/+$/, '');
  }
  throw new WarpsmithError({
    code: 'option-invalid',
    message: `HF_ENDPOINT is ${JSON.stringify(text.replace(/\/\/.*@/, '//'))}, which is no address of a hub.`,
    mend: `Give one such as ${defaultEndpoint}, without a user name in it, or unset the variable.`,
  });
}

async function readToken(environment: Environment, home: string | null): Promise<string | null> {
  if (isTrue(variable(environment, 'HF_HUB_DISABLE_IMPLICIT_TOKEN'))) return null;
  const file = pathIn(environment, 'HF_TOKEN_PATH') ?? (home === null ? null : join(home, 'token'));
  const token = (
    variable(environment, 'HF_TOKEN') ??
    variable(environment, 'HUGGING_FACE_HUB_TOKEN') ??
    (file === null ? '' : await readFile(file, 'utf8').catch(() => ''))
  ).trim();
  if (token === '') return null;
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new WarpsmithError({
    code: 'option-invalid',
    message: `The token of ${file === null ? 'HF_TOKEN' : `HF_TOKEN or ${file}`} holds spaces, line breaks or letters that no token has.`,
    mend: 'Copy the token again from the settings page of the hub.',
  });
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && ['1', 'ON', 'YES', 'TRUE'].includes(value.toUpperCase());
}

function secondsIn(environment: Environment, name: string): number {
  const seconds = Number(variable(environment, name) ?? 10);
  return seconds > 0 && seconds < 1e6 ? 1_000 * seconds : 10_000;
}
