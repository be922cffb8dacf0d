"""Opportunities: pipelines, stages, products, the funnel."""
