/** A checkpoint's chat template: messages to the text that the model was trained to continue. */
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { WarpsmithError } from './errors.ts';
import { isJsonObject, type Json, readJsonObject, readTextFile } from './json-file.ts';
import { TemplateRenderer } from './template-renderer.ts';
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

  /** `source` is Jinja. Throws `chat-template-invalid`. */
  constructor(source: string, specialTokens: SpecialTokens = {}, renderer: TemplateRenderer = sharedRenderer) {
    this.#source = source;
    this.#specialTokens = specialTokens;
    this.#renderer = renderer;
    try {
      new Template(source);
    } catch (error) {
      throw invalid('does not parse', error);
    }
    renderer.start();
  }

  /**
   * Rejects with `chat-template-invalid` where the template refuses the messages (an unknown role, turns out of order), or does not end
   * within ten seconds and half a gigabyte.
   */
  async render(messages: readonly ChatMessage[], options: ChatTemplateOptions = {}): Promise<string> {
    try {
      return await this.#renderer.render(this.#source, {
        ...this.#specialTokens,
        tools: options.tools ?? null,
        documents: null,
        ...options.variables,
        messages,
        add_generation_prompt: options.addGenerationPrompt ?? true,
      });
    } catch (error) {
      throw invalid('refuses these messages', error);
    }
  }
}

const sharedRenderer = new TemplateRenderer();

/** chat_template.jinja, else `chat_template` of tokenizer_config.json; null where the checkpoint has neither. */
export async function loadChatTemplate(directory: string, specialTokens: SpecialTokens): Promise<ChatTemplate | null> {
  const source = await readTextFile(join(directory, 'chat_template.jinja'));
  if (source !== null) return new ChatTemplate(source, specialTokens);
  const config = await readJsonObject(join(directory, 'tokenizer_config.json'));
  const embedded = templateText(config?.chat_template);
  return embedded === null ? null : new ChatTemplate(embedded, specialTokens);
}

/** One text, or a list of named ones, of which `default` is meant. */
function templateText(value: Json | undefined): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  const named = value.filter(isJsonObject).find(({ name }) => name === 'default');
  return typeof named?.template === 'string' ? named.template : null;
}

function invalid(what: string, cause: unknown): WarpsmithError {
  const message = `The chat template ${what}: ${cause instanceof Error ? cause.message : String(cause)}.`;
  const mend = 'Check the roles and the order of the messages, or give a prompt as text, without the template.';
  return new WarpsmithError({ code: 'chat-template-invalid', message, mend }, { cause });
}
