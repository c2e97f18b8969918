"""Redaction: personal data and secrets in a shortcut become typed placeholders."""
