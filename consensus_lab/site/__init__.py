"""The course site: pages whose figures, tables and code are made from the laboratory as it is now, at every build.

The pages are Markdown in `site/pages`; a marker such as ``<!-- trace: two-phase-commit/commits -->`` stands where a
figure comes. Nothing is written inside the repository. It refuses to know any protocol: pages name them.
"""
