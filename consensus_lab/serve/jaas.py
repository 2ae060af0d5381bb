"""Reads a jaas file: the users and passwords that a section of it gives to DigestLoginModule.

    Server {
        org.apache.zookeeper.server.auth.DigestLoginModule required
        user_super="adminsecret" user_bob="bobsecret";
    };

(Apache: SaslServerCallbackHandler.java; the syntax: javax.security.auth.login.Configuration.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from consensus_lab.serve.errors import StoreError

TOKEN = re.compile(r'\s+|//[^\n]*|/\*.*?\*/|#[^\n]*|("(?:[^"\\]|\\.)*"|[{};=]|[^\s{};="]+)', re.DOTALL)
USER = "user_"
MODULE = "DigestLoginModule"


def read_users(path: Path, section: str) -> Mapping[str, str]:
    """The passwords by user. Raises StoreError when the file cannot be read or has no such section."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: the jaas file cannot be read: {error}") from error
    sections = parse_jaas(text, str(path))
    if section not in sections:
        raise StoreError(f"{path}: there is no section {section}; there are: {', '.join(sections) or 'none'}")
    return sections[section]


def parse_jaas(text: str, name: str) -> dict[str, dict[str, str]]:
    """The users of every section; of other modules than DigestLoginModule nothing is kept."""
    tokens = tokenize(text, name)
    sections: dict[str, dict[str, str]] = {}
    for title in tokens:
        expect(next(tokens, ""), "{", name)
        sections[title] = {}
        while (module := next(tokens, "")) != "}":
            if not module:
                raise StoreError(f"{name}: the section {title} has no end; }}; closes one")
            users = read_entry(tokens, name)
            sections[title] |= users if module.endswith(MODULE) else {}
        expect(next(tokens, ""), ";", name)
    return sections


def read_entry(tokens: Iterator[str], name: str) -> dict[str, str]:
    """The users among a module's options: after the flag, up to the semicolon."""
    next(tokens, "")  # required, sufficient ...: there is one module, so all mean the same
    users: dict[str, str] = {}
    for option in tokens:
        if option == ";":
            return users
        expect(next(tokens, ""), "=", name)
        value = next(tokens, "")
        if option.startswith(USER):
            users[option.removeprefix(USER)] = unquote(value)
    raise StoreError(f"{name}: a module's options have no end; a semicolon closes them")


def tokenize(text: str, name: str) -> Iterator[str]:
    """Words, quoted strings and marks, without blanks and comments."""
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise StoreError(f"{name}, line {text.count(chr(10), 0, at) + 1}: a quotation mark is never closed")
        if match[1]:
            yield match[1]
        at = match.end()


def unquote(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if word.startswith('"') else word


def expect(found: str, wanted: str, name: str) -> None:
    if found != wanted:
        raise StoreError(f"{name}: {wanted} is expected where {found or 'the end of the file'} stands")
