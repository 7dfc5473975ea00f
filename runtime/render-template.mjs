/**
 * The process that renders chat templates: one that loops or fills memory for ever ends this and not its caller. Takes
 * { id, source, variables, milliseconds } and answers { id, text } or { id, error, parses }; it ends with its caller.
 */
import { runInThisContext } from 'node:vm';
import { Template } from '@huggingface/jinja';

const templates = new Map();
let question;

// The caller ends what takes too long; should it be gone by then, this ends by itself.
globalThis.answer = () => rendered(question.source, question.variables);
process.on('message', (asked) => {
  question = asked;
  process.send({ id: asked.id, ...answerWithin(asked.milliseconds) });
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole group; whether it ends anything is the caller's to say.
process.on('SIGINT', () => {});

function answerWithin(milliseconds) {
  try {
    return runInThisContext('answer()', { timeout: milliseconds });
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), parses: true };
  }
}

function rendered(source, variables) {
  try {
    if (!templates.has(source)) templates.set(source, new Template(source));
    return { text: templates.get(source).render(variables) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), parses: templates.has(source) };
  }
}
