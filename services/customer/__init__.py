"""Customers: companies and people, and a company's contacts."""
