"""Attachments: photos, signatures and documents, and what names them. One room, of which each service has its own.

A service derives the two tables, says where a household belongs (``Attachments``), and takes router and sweep.
"""
