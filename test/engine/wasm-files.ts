// The one file that the library wants when it is loaded; to be imported before it.
import { memory } from '../../site/node/files';
import { PROJECT } from '../../site/project';

memory.mkdirSync(PROJECT, { recursive: true });
memory.writeFileSync(`${PROJECT}/package.json`, '{ "version": "0.0.0" }');
