"""Parameters of papermill for cells of TypeScript and JavaScript.

Papermill loads what the entry points of its engines name; this engine is its own, and on the way here the translators become
known. For an environment that spanlab did not set up: PYTHONPATH=node_modules/spanlab/dist/kernel/papermill papermill -p n 7 ...
"""
import json

from papermill.engines import NBClientEngine as Engine
from papermill.translators import Translator, papermill_translators


class JavaScriptTranslator(Translator):
    """What JSON can say is JavaScript; so are NaN and Infinity, as Python writes them."""

    @classmethod
    def translate(cls, val):
        return json.dumps(val, default=str)

    @classmethod
    def comment(cls, cmt_str):
        return f'// {cmt_str}'.strip()

    @classmethod
    def assign(cls, name, str_val):
        # like the default in the cell above, which it declares anew
        return f'let {name} = {str_val};'


for language in ('typescript', 'javascript'):
    papermill_translators.register(language, JavaScriptTranslator)

__all__ = ['Engine', 'JavaScriptTranslator']
