"""Documents that people print and sign: one small model, written as DOCX and as PDF alike."""

from shared.documents.answering import DOCX, PDF, answered
from shared.documents.docx import to_docx
from shared.documents.model import Document, Heading, Note, Paragraph, Picture, Pictures, Table
from shared.documents.pdf import to_pdf
from shared.documents.pictures import presentable

__all__ = [
    "DOCX",
    "PDF",
    "Document",
    "Heading",
    "Note",
    "Paragraph",
    "Picture",
    "Pictures",
    "Table",
    "answered",
    "presentable",
    "to_docx",
    "to_pdf",
]
