"""Attachments: photos, signatures and documents, and what each belongs to."""
