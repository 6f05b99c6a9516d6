"""Template loaders: one that removes the indentation of the source, and one that compiles constant texts."""

from __future__ import annotations

import re
from typing import cast

from django.template.base import FilterExpression, NodeList, Origin, Template, TokenType
from django.template.context import Context
from django.template.loaders import base, cached
from django.template.loaders.filesystem import Loader as FilesystemLoader
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language


class UnindentedLoader(FilesystemLoader):
    """Load pages without white space at the beginning of lines, a third of a page's bytes.

    So the content of a textarea must begin at the beginning of its line; mail (.txt) is left unchanged.
    """

    def get_contents(self, origin: Origin) -> str:
        """The text of the template."""
        text = super().get_contents(origin)
        return re.sub(r"\n[ \t]+", "\n", text) if str(origin.name).endswith(".html") else text


class ConstantText(TranslateNode):
    """`{% trans "a text" %}`, translated once a process and language.

    Django looks it up each time that it is rendered; a list has some two hundred of them.
    """

    texts: dict[str | None, SafeString]

    def render(self, context: Context) -> SafeString:
        """The text in the language of the page."""
        language = get_language()
        text = self.texts.get(language)
        if text is None:
            text = self.texts[language] = SafeString(super().render(context))
        return text


class ConstantBlock(BlockTranslateNode):
    """`{% blocktrans %}` around nothing but a text, translated once a process and language."""

    texts: dict[str | None, SafeString]

    def render(self, context: Context, *again: bool) -> SafeString:
        """The text in the language of the page."""
        language = get_language()
        text = self.texts.get(language)
        if text is None:
            text = self.texts[language] = SafeString(super().render(context, *again))
        return text


class _Compiling(base.Loader):
    """Its templates have their constant texts compiled."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template = super().get_template(template_name, skip)
        _compile(template.nodelist)
        return template


class CompilingLoader(cached.Loader, _Compiling):
    """Keep templates, compiled once, as Django's cached loader does, with constant texts compiled as well."""


def _compile(nodes: NodeList) -> None:
    """The constant texts among the nodes become `ConstantText` and `ConstantBlock`."""
    for text in cast(list[TranslateNode], nodes.get_nodes_by_type(TranslateNode)):
        if _is_constant(text.filter_expression) and _is_plain(text):
            _become(text, ConstantText)
    for block in cast(list[BlockTranslateNode], nodes.get_nodes_by_type(BlockTranslateNode)):
        texts_alone = all(token.token_type == TokenType.TEXT for token in block.singular)
        if texts_alone and not block.extra_context and not block.plural and _is_plain(block):
            _become(block, ConstantBlock)


def _become(node: TranslateNode | BlockTranslateNode, kind: type[ConstantText | ConstantBlock]) -> None:
    node.__class__ = kind
    cast(ConstantText | ConstantBlock, node).texts = {}


def _is_constant(expression: FilterExpression) -> bool:
    """Whether it is a text in quotation marks, which no filter changes."""
    return expression.var.lookups is None and not expression.filters


def _is_plain(node: TranslateNode | BlockTranslateNode) -> bool:
    """Whether the text goes to its place, and depends on no variable as its message context."""
    return not node.asvar and (node.message_context is None or not node.message_context.is_var)
