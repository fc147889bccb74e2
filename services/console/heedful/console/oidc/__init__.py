"""Signing in at an OpenID provider: authorization code flow with PKCE (OpenID Connect Core §3.1,
RFC 7636, RFC 9700)."""
