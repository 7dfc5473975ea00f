/**
 * The process that renders chat templates: one that loops or fills memory for ever ends this and not its caller. Takes
 * { id, source, variables } and answers { id, text } or { id, error, parses }; it ends with its caller.
 */
import { Template } from '@huggingface/jinja';

const templates = new Map();

process.on('message', ({ id, source, variables }) => process.send({ id, ...rendered(source, variables) }));
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole group; whether it ends anything is the caller's to say.
process.on('SIGINT', () => {});

function rendered(source, variables) {
  try {
    if (!templates.has(source)) templates.set(source, new Template(source));
    return { text: templates.get(source).render(variables) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), parses: templates.has(source) };
  }
}
