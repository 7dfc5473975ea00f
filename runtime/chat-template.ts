/** A checkpoint's chat template: messages to the text that the model was trained to continue. */
import { join } from 'node:path';
import { WarpsmithError } from './errors.ts';
import { describe, isJsonObject, type Json, readJsonObject, readTextFile } from './json-file.ts';
import { TemplateRenderer, TemplateSyntaxError } from './template-renderer.ts';
import type { SpecialTokens } from './tokenizer.ts';

export interface ChatMessage {
  /** As the template knows it: usually `system`, `user`, `assistant` or `tool`. */
  readonly role: string;
  readonly content: string;
  /** Further fields go to the template as they are (`tool_calls`, `name`). */
  readonly [field: string]: unknown;
}

export interface ChatTemplateOptions {
  /** Opens the assistant's turn, so that the model answers; on unless said otherwise. */
  readonly addGenerationPrompt?: boolean;
  readonly tools?: readonly object[];
  /** Variables of this template alone, such as Qwen3's `enable_thinking`. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

export class ChatTemplate {
  readonly #source: string;
  readonly #specialTokens: SpecialTokens;
  readonly #renderer: TemplateRenderer;

  /** `source` is Jinja. It is not looked at here: parsing alone may take a hostile one for ever. */
  constructor(source: string, specialTokens: SpecialTokens = {}, renderer: TemplateRenderer = sharedRenderer) {
    this.#source = source;
    this.#specialTokens = specialTokens;
    this.#renderer = renderer;
    renderer.start();
  }

  /**
   * Rejects with `chat-template-invalid` where the template does not parse, refuses the messages (an unknown role, turns out of order),
   * or does not end within ten seconds and half a gigabyte; and with the signal's reason.
   */
  async render(
    messages: readonly ChatMessage[],
    options: ChatTemplateOptions = {},
    signal?: AbortSignal,
  ): Promise<string> {
    const variables = {
      ...this.#specialTokens,
      tools: options.tools ?? null,
      documents: null,
      ...options.variables,
      messages,
      add_generation_prompt: options.addGenerationPrompt ?? true,
    };
    try {
      return await this.#renderer.render(this.#source, variables, signal);
    } catch (error) {
      if (signal?.aborted) throw error;
      if (error instanceof TemplateSyntaxError) {
        const mend = `Correct the template in the files of the checkpoint, or ${withoutTemplate}`;
        throw invalid(`does not parse: ${error.message}`, mend, error);
      }
      const what = error instanceof Error ? error.message : String(error);
      const mend = `Check the roles and the order of the messages, or ${withoutTemplate}`;
      throw invalid(`refuses these messages: ${what}`, mend, error);
    }
  }
}

const sharedRenderer = new TemplateRenderer();

const withoutTemplate = 'give a prompt as text, without the template (--raw on the command line).';

/**
 * chat_template.jinja, else `chat_template` of tokenizer_config.json; null where the checkpoint has neither. Throws
 * `chat-template-invalid` for what is neither a text nor a list with a default.
 */
export async function loadChatTemplate(directory: string, specialTokens: SpecialTokens): Promise<ChatTemplate | null> {
  const source = await readTextFile(join(directory, 'chat_template.jinja'));
  if (source !== null) return new ChatTemplate(source, specialTokens);
  const config = await readJsonObject(join(directory, 'tokenizer_config.json'));
  const embedded = templateText(config?.chat_template);
  return embedded === null ? null : new ChatTemplate(embedded, specialTokens);
}

/** One text, or a list of named ones, of which `default` is meant. */
function templateText(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  const named = Array.isArray(value) ? value.filter(isJsonObject) : [];
  const text = named.find(({ name }) => name === 'default')?.template;
  if (typeof text === 'string') return text;
  const names = named.flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
  const what = names.length > 0 ? `names ${names.join(', ')} and no default` : `is ${describe(value)}`;
  throw invalid(
    `of tokenizer_config.json ${what}`,
    'Write the template that is meant to chat_template.jinja beside that file, which goes before it.',
  );
}

function invalid(what: string, mend: string, cause?: unknown): WarpsmithError {
  return new WarpsmithError({ code: 'chat-template-invalid', message: `The chat template ${what}.`, mend }, { cause });
}
