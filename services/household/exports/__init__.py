"""导出农户 — the registry in the columns of the import form."""
