"""README.txt of an export: how it is checked, what it shows and what it does not, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH = """\
Export of the audit log {origin}
{title}

To check it, on any computer, without the site and without a network, with Python 3.11 or later and its
package "cryptography":

    python verify.py EXPORT --log VKEY --witness VKEY

EXPORT is this folder or ZIP. verify.py is audit/verify.py of the system; take it, and the two public keys,
from somebody whom you trust, never from whoever gave you this export: the log's key from the branch
(`manage.py audit keys`), the witness's key from head office. --language zh answers in Chinese. Exit status:
0 it holds, 1 it does not, 2 it cannot be read. A VKEY may also be a file with keys, one a line, as
`audit keys` prints them. What is in documents/ is listed in manifest.json, each with its name and the entry
that names it.

What it shows, if it holds:
- Every entry in it is in the tree of {size} entries whose head the log has signed and, if cosigned, the
  witness has seen; none was changed after that.
{complete}
- Every vote is counted again from its ballots, which are those that were cast; every change of a meeting's or
  plan's state is one that the regulation allows.
- Every document has the digest that an entry names. One that an entry names and that is not here is said.

What it does not show:
- {younger} entries are younger than the checkpoint and not in it.
- That what was recorded is true: only that it was recorded so, then, and not changed since.
- Payloads that were erased by law ({erased} here): that they were there is shown, what they said is not. What
  has left in an export cannot be called back.
- Ballots of a vote that was cancelled or is not closed: they are never opened.
- manifest.json and this text are signed by nobody; the entry `export_log` of the log names the manifest's
  digest.
"""
_CHINESE = """\
审计日志导出件 {origin}
{title_zh}

校验方法：在任何装有 Python 3.11 以上版本及其 cryptography 软件包的电脑上执行，无须联网和访问本系统：

    python verify.py EXPORT --log VKEY --witness VKEY --language zh

EXPORT 为本文件夹或 ZIP 文件。verify.py 即系统中的 audit/verify.py。该程序和两个公钥应向可信赖的人索取，
不得采用导出件提供者一并交来的：日志公钥由分行提供（manage.py audit keys），见证公钥由总行提供。
退出码：0 为相符，1 为不符，2 为无法读取。VKEY 也可以是每行一个公钥的文件，如 audit keys 的输出。
documents/ 中各文件的名称及载明该文件的记录，见 manifest.json。

校验相符，即说明：
- 本件每条记录均在共 {size} 条记录的树中，其树根已由日志签名；有见证签名的，见证方已见过该树。此后无一改动。
{complete_zh}
- 每次表决均按表决票重新计票，表决票即投出时的表决票；会议和方案的每次状态变化均为制度所许可。
- 每份文件的摘要值与日志所载一致；日志载明而本件未含的文件，校验时予以说明。

校验不能说明：
- 另有 {younger} 条记录晚于检查点，不在本导出件内。
- 记录内容属实：只能说明当时如此记录，此后未改。
- 依法删除的内容（本件 {erased} 处）：能说明曾有此内容，不能说明其所载。已导出的内容无法收回。
- 已取消或尚未结束的表决，其表决票一律不开启。
- manifest.json 和本说明未经签名；日志中的 export_log 记录载有 manifest.json 的摘要值。
"""
_COMPLETE = {
    "all": (
        "- No entry of the log up to the checkpoint is missing.",
        "- 检查点之前的日志记录无一缺失。",
    ),
    "since": (
        "- No entry between the two checkpoints is missing, and the log continues that of the earlier one.",
        "- 两个检查点之间的记录无一缺失，且日志自前一检查点起原样延续。",
    ),
    "part": (
        (
            "- Inside each stream no entry is missing. That nothing follows the last one of a stream a part\n"
            "  cannot show; an export of all (--all) does."
        ),
        "- 每条记录流之内无一缺失。部分导出不能说明末条之后再无记录，全部导出（--all）可以说明。",
    ),
}
_TITLES = {
    "meeting": ("The meeting {stream}, its plans and its committee", "会议 {stream} 及其方案和委员会"),
    "proposal": ("The plan {stream}, its meetings and its committee", "方案 {stream} 及其会议和委员会"),
    "since": ("What follows the checkpoint of {since} entries", "第 {since} 条记录检查点之后的全部记录"),
    "all": ("The whole log", "全部日志"),
}


def text(manifest: Mapping[str, object]) -> str:
    """The text for an export with this manifest."""
    asked = manifest["asked"]
    erased = manifest["erased"]
    assert isinstance(asked, dict)
    assert isinstance(erased, list)
    title, title_zh = (each.format(**asked) for each in _TITLES[asked["part"]])
    complete, complete_zh = _COMPLETE.get(asked["part"], _COMPLETE["part"])
    given = {
        **manifest,
        "erased": len(erased),
        "title": title,
        "title_zh": title_zh,
        "complete": complete,
        "complete_zh": complete_zh,
    }
    return f"{_ENGLISH}\n\n{_CHINESE}".format_map(given)
