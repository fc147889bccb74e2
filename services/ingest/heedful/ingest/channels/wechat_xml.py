"""The flat XML of WeChat's callbacks, read without trusting it: no document type, so no entities
and no references to elsewhere, and a bound on its size."""

from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from heedful.ingest.channels import Malformed
from heedful.ingest.channels.reading import Node

MAX_XML_BYTES = 256 * 1024
"""A message of 公众号 is at most 2,048 bytes of text; 兼容模式 carries it three times."""


def xml_fields(body: bytes) -> Node:
    """The texts under the root `xml` by their names; what is nested deeper is left out.

    Raises:
        Malformed: it is too long, no XML, has a document type, or has another root.
    """
    if len(body) > MAX_XML_BYTES:
        raise Malformed(f"the body is longer than {MAX_XML_BYTES} bytes")
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        # Only the kind of the error: a parser's words quote the body.
        raise Malformed(f"the body is not plain XML ({type(error).__name__})") from error
    if root.tag != "xml":
        raise Malformed("the body is XML, but its root is not named xml")
    return Node({child.tag: child.text for child in root if len(child) == 0})
