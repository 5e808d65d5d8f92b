"""What departments may post (部门数据集): one YAML a dataset, with its columns, keys and period."""
