"""A file's rows meet the county's people (匹配): read, checked, matched and stored in columns, part by part."""
