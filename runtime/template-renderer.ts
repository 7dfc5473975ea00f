/** Renders templates of a checkpoint, which are programs of a stranger's, in a process of their own within bounds of time and memory. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface RenderLimits {
  readonly milliseconds: number;
  readonly megabytes: number;
}

/** Far above what a conversation takes: 30 ms for one of a million characters. */
const LIMITS: RenderLimits = { milliseconds: 10_000, megabytes: 512 };

type Answer = { readonly id: number } & (
  | { readonly text: string }
  | { readonly error: string; readonly parses: boolean }
);

/** The template is no Jinja. */
export class TemplateSyntaxError extends Error {}

interface Question {
  readonly settle: (answer: Answer | null) => void;
}

/** Keeps one process for all that it renders; it holds its owner's open only while it is asked. */
export class TemplateRenderer {
  readonly #limits: RenderLimits;
  #child: ChildProcess | null = null;
  readonly #open = new Map<number, Question>();
  #lastId = 0;

  constructor(limits: RenderLimits = LIMITS) {
    this.#limits = limits;
  }

  /** Begins what takes longest: the process starts while its owner does other things. */
  start(): void {
    this.#running();
  }

  /** `variables` are data: what JSON can hold. Rejects with an Error that says why there is no text, a TemplateSyntaxError among them, or with the signal's reason. */
  async render(source: string, variables: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    const child = this.#running();
    this.#lastId += 1;
    const id = this.#lastId;
    const { milliseconds, megabytes } = this.#limits;
    let abort = () => {};
    const answer = await new Promise<Answer | null>((settle, reject) => {
      this.#open.set(id, { settle });
      abort = () => {
        reject(signal?.reason);
        this.#open.delete(id);
        // What nobody waits for need not come to its end.
        if (this.#open.size === 0) this.#end(child);
      };
      signal?.addEventListener('abort', abort, { once: true });
      child.ref();
      child.channel?.ref();
      setTimeout(() => this.#open.has(id) && this.#end(child), milliseconds).unref();
      child.send({ id, source, variables, milliseconds: 2 * milliseconds }, (error) => error && reject(error));
    }).finally(() => {
      signal?.removeEventListener('abort', abort);
      this.#closed(id, child);
    });
    if (answer === null)
      throw new Error(`it has not ended after ${milliseconds / 1000} s, or takes more than ${megabytes} MB`);
    if ('text' in answer) return answer.text;
    throw answer.parses ? new Error(answer.error) : new TemplateSyntaxError(answer.error);
  }

  #running(): ChildProcess {
    this.#child ??= this.#startChild();
    return this.#child;
  }

  #startChild(): ChildProcess {
    const child = fork(fileURLToPath(new URL('./render-template.mjs', import.meta.url)), {
      execArgv: [`--max-old-space-size=${this.#limits.megabytes}`],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (answer: Answer) => this.#open.get(answer.id)?.settle(answer));
    child.on('error', () => this.#end(child));
    child.on('exit', () => this.#end(child));
    child.unref();
    child.channel?.unref();
    return child;
  }

  #closed(id: number, child: ChildProcess): void {
    this.#open.delete(id);
    if (this.#open.size > 0) return;
    child.unref();
    child.channel?.unref();
  }

  /** All that it was asked stays without an answer; the next question starts another. */
  #end(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = null;
    child.kill('SIGKILL');
    for (const { settle } of this.#open.values()) settle(null);
  }
}
