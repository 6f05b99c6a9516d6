"""What a plan says of its files: the entry and its line, read back."""

from hypothesis import given
from hypothesis import strategies as st

from proposals.attachments import StatedAttachment, free_name, stated_attachments
from proposals.plan.drafts import parse_draft
from tests.proposals import plans

SUM = "ab" * 32
files = st.builds(
    StatedAttachment,
    name=st.text(min_size=1, max_size=20),
    text=st.text(max_size=40).map(str.strip),
    media_type=st.sampled_from(["application/pdf", "application/msword", "image/png"]),
    size=st.integers(1, 50 * 1024 * 1024),
    pages=st.none() | st.integers(1, 3000),
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
)


@given(st.lists(files, max_size=4))
def test_what_is_written_is_read(stated):
    assert stated_attachments({"attachments": [each.entry() for each in stated]}) == stated


def test_a_text_alone_names_no_file():
    for text in ("Signed.", f"sha256:{SUM}", f"application/pdf; 1 bytes; sha256:{SUM}\nMore"):
        (found,) = stated_attachments({"attachments": [{"name": "A", "text": text}]})
        assert (found.sha256, found.text) == ("", text)


def test_the_digest_commits_to_the_file():
    one, other = (
        plans.full(attachments=[StatedAttachment("a.pdf", "", "application/pdf", 9, 1, checksum).entry()])
        for checksum in (SUM, "cd" * 32)
    )
    assert parse_draft(one).digest != parse_draft(other).digest


def test_a_name_that_is_taken_is_numbered():
    assert free_name("scan.pdf", {"a.pdf"}) == "scan.pdf"
    assert free_name("scan.pdf", {"scan.pdf", "scan (2).pdf"}) == "scan (3).pdf"
