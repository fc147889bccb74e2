"""Vendors that sign nothing: the URL that they are given ends in a token."""

from typing import Annotated

from pydantic import Field, SecretStr

from heedful.ingest.channels import ChannelRequest, Configured, proof, shaped


class UrlToken(Configured):
    """It proves who knows the URL, not that the body is the vendor's."""

    token: Annotated[
        SecretStr, shaped(r"[A-Za-z0-9_-]{16,200}", "16 to 200 letters and digits")
    ] = Field(description="Stands behind the URL as `?token=`.", examples=["example-token-0001"])


class ProvenByToken:
    """The part of an adapter that proves such a request."""

    secrets = UrlToken

    def verify(self, request: ChannelRequest, secrets: UrlToken) -> ChannelRequest:
        return proof.token_in_url(request, secrets.token.get_secret_value())
