"""Answers to a lesson's exercises, written as files: the reference's, or a mutant's in each place."""

import ast
from collections.abc import Mapping
from pathlib import Path

from consensus_lab.lab.lessons import Lesson
from consensus_lab.lab.workbook import Workbook, start


def started(lesson: Lesson, folder: Path) -> Workbook:
    return start(lesson, folder / lesson.name)


def answer(book: Workbook, mutants: Mapping[str, type] | None = None) -> None:
    """Answer every exercise by deleting the override, or, where a mutant is given, with that instead."""
    module = ast.parse(book.lesson.read("exercise.py"))
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            node.body = [part for part in node.body if not isinstance(part, ast.FunctionDef)]
            mutant = (mutants or {}).get(node.name)
            if mutant:
                node.bases = [
                    ast.parse(f"__import__('sys').modules[{mutant.__module__!r}].{mutant.__name__}").body[0].value
                ]
    imports = [ast.parse(f"import {mutant.__module__}").body[0] for mutant in (mutants or {}).values()]
    module.body[1:1] = imports
    book.exercise.write_text(ast.unparse(module), "utf-8")
