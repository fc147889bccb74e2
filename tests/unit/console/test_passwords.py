"""Passwords are kept so that who reads the table has none of them."""

from heedful.console.accounts import passwords


def test_a_password_fits_what_was_kept_of_it_and_no_other_does() -> None:
    kept = passwords.hashed("correct horse battery")
    assert "correct" not in kept
    assert passwords.fits("correct horse battery", kept)
    assert not passwords.fits("correct horse batterY", kept)


def test_nothing_fits_where_there_is_no_account() -> None:
    assert not passwords.fits("", passwords.NOBODYS)


def test_made_passwords_differ() -> None:
    assert passwords.made() != passwords.made()
