"""Departmental comparison (部门数据比对): a department posts what it knows; minutes later it is clear what it means."""
